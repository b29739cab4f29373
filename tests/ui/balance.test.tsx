import { act, fireEvent, screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { maxVio } from '../../src/analysis/balance.ts';
import type { RunSource } from '../../src/analysis/source.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { formatValue } from '../../src/ui/kit/figure/formats.ts';
import { batchesTogether } from '../../src/ui/views/balance/lines.ts';
import { renderPage } from './render.tsx';

async function openView(experiment = DEFAULTS_V1) {
  const test = await renderPage({ room: 'routing', experiment });
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(60));
  const panel = await screen.findByLabelText('Balance over training');
  await within(panel).findByLabelText('Window');
  const [first] = panel.querySelectorAll('summary[aria-label^="Table of"]');
  const details = first!.closest('details')!;
  details.open = true;
  fireEvent(details, new Event('toggle'));
  await within(panel).findByLabelText(/^Numbers of MaxVio/);
  const lastRow = () => [...details.querySelector('tbody tr')!.querySelectorAll('td')];
  return { ...test, panel, lastRow };
}

it('tells MaxVio of each batch and of the last ones together, and the load of every slot', async () => {
  const { lab, panel, lastRow } = await openView();
  const [space] = lab.source.spaces(null);
  const { bins } = lab.source.history(space!.layer)!;
  const together = (steps: number) => {
    const sums = new Float64Array(space!.slots);
    for (const { counts } of bins.slice(-steps))
      for (const r of sums.keys()) sums[r]! += counts[r]!;
    return formatValue(maxVio(sums), 'decimal');
  };
  const texts = () => lastRow().map((cell) => cell.textContent);
  const batch = formatValue(maxVio(bins.at(-1)!.counts), 'decimal');
  expect(texts().slice(1)).toEqual([batch, together(16)]);
  fireEvent.change(within(panel).getByLabelText('Window'), { target: { value: '4' } });
  expect(texts().slice(1)).toEqual([batch, together(4)]);
  expect(lab.view.getState().own.balance).toMatchObject({ window: '4' });
  expect(panel.textContent).toContain(`Load by slot over 4 batches, layer ${space!.layer}`);
  expect(panel.textContent).not.toContain('Selection bias of each slot');
});

it('names no fewer batches than a point of a long run stands for', () => {
  const source = { history: () => ({ bins: [], stride: 8 }) } as unknown as RunSource;
  expect([4, 16].map((window) => batchesTogether(source, 0, window))).toEqual([8, 16]);
});

it('shows the bias beside the load where a rule moves one', async () => {
  const biasRule = { kind: 'sign', rate: 0.001, centre: false };
  const { panel } = await openView(applyChange(DEFAULTS_V1, { 'router.biasRule': biasRule }));
  expect(panel.textContent).toContain('Selection bias of each slot');
});

it('has a key of the slots that are too many for the legend', async () => {
  const slots = (count: number) =>
    applyChange(DEFAULTS_V1, {
      'experts.slots': Array.from({ length: count }, () => ({ kind: 'ffn', hidden: 16 })),
    });
  const { panel } = await openView(slots(12));
  const key = within(panel).getByRole('list', { name: /^Lines of layer/ });
  const names = within(key).getAllByRole('listitem');
  expect(names.map(({ textContent }) => textContent)).toEqual(
    Array.from({ length: 12 }, (_, slot) => expect.stringMatching(`^${slot}: `)),
  );
  const looks = [...key.querySelectorAll('line')].map(
    (line) => `${line.getAttribute('stroke')} ${line.getAttribute('stroke-dasharray')}`,
  );
  expect(new Set(looks).size).toBe(12);
});
