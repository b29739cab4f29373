import { act, render, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Bars } from '../../src/ui/kit/figure/Bars.tsx';
import { FigureContext } from '../../src/ui/kit/figure/context.ts';
import { Distributions } from '../../src/ui/kit/figure/Distributions.tsx';
import { HeatMap } from '../../src/ui/kit/figure/HeatMap.tsx';
import { Histogram } from '../../src/ui/kit/figure/Histogram.tsx';
import { Sides } from '../../src/ui/kit/figure/Sides.tsx';
import { SharedSpans } from '../../src/ui/kit/figure/sharedSpan.ts';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { testLab } from '../state/support.ts';
import './render.tsx';

/** Colours of the only cell of each side. */
function colors(): (string | null | undefined)[] {
  const sides = screen.getAllByRole('region');
  return sides.map((side) => side.querySelector('svg path[fill]')?.getAttribute('fill'));
}

async function shown(values: readonly number[]) {
  const { lab } = await testLab();
  const sides = (all: readonly number[]) => (
    <LabProvider lab={lab}>
      <Sides of={all.map((value, i) => ({ key: `${i}`, name: `run ${i + 1}`, value }))}>
        {({ value }) => (
          <FigureContext value={FIGURE}>
            <HeatMap
              rows={['1']}
              columns={['1', '2']}
              value={(_, column) => (column === 0 ? value : 0)}
              format="count"
              color="sequential"
            />
          </FigureContext>
        )}
      </Sides>
    </LabProvider>
  );
  const { rerender } = render(sides(values));
  return { change: (all: readonly number[]) => act(async () => rerender(sides(all))) };
}

const FIGURE = { title: 'Load' };

/** Ends of the legends' scales. */
const most = () =>
  screen.getAllByRole('region').map((side) => within(side).queryAllByText('8').length > 0);

it('gives runs beside each other one scale, which follows both', async () => {
  const { change } = await shown([2, 8]);
  expect(most()).toEqual([true, true]);
  await change([2, 2]);
  expect(most()).toEqual([false, false]);
  expect(new Set(colors()).size).toBe(1);
  await change([8, 2]);
  expect(most()).toEqual([true, true]);
});

it('gives bars, distributions and bins beside each other one axis', async () => {
  const { lab } = await testLab();
  const kinds = {
    bars: (value: number) => (
      <Bars
        categories={['1']}
        series={[{ label: 'load', color: 'red', values: [value] }]}
        format="count"
      />
    ),
    distributions: (value: number) => (
      <Distributions
        of={[{ category: '1', quantiles: [0, 0, value, value, value], mean: null, count: 5 }]}
        format="count"
      />
    ),
    bins: (value: number) => (
      <Histogram
        edges={[0, value / 2, value]}
        series={[{ label: 'n', counts: [value, 1] }]}
        format="count"
      />
    ),
  };
  for (const [name, draw] of Object.entries(kinds)) {
    const { unmount } = render(
      <LabProvider lab={lab}>
        <Sides of={[2, 8].map((value) => ({ key: `${value}`, name: `run ${value}`, value }))}>
          {({ value }) => <FigureContext value={FIGURE}>{draw(value)}</FigureContext>}
        </Sides>
      </LabProvider>,
    );
    const [small, large] = screen
      .getAllByRole('region')
      .map((side) => [...side.querySelectorAll('.figure-tick')].map((tick) => tick.textContent));
    expect(small, name).toEqual(large);
    expect(large, name).toContain('8');
    unmount();
  }
});

it('forgets what is drawn no more', () => {
  const spans = new SharedSpans();
  let told = 0;
  spans.subscribe(() => told++);
  spans.put('load', 'a', [0, 1]);
  spans.put('load', 'b', [-1, 5]);
  spans.put('other', 'a', [0, 9]);
  expect(spans.jointOf('load')).toEqual([-1, 5]);
  spans.put('load', 'b', null);
  expect(spans.jointOf('load')).toEqual([0, 1]);
  spans.put('load', 'b', [0, 1]);
  expect(told).toBe(4);
  for (const who of ['a', 'b']) spans.put('load', who, null);
  expect(spans.jointOf('load')).toBeUndefined();
});
