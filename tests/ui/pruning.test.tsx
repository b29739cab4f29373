import { fireEvent, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { pruning, removal } from '../../src/analysis/figures/pruning.ts';
import { TABLE_C } from '../../src/ui/views/pruning/printed.ts';
import { setLabels } from '../../src/ui/views/pruning/tables.ts';
import { rawRun } from '../support/rawPass.ts';
import { RAW_REQUESTS } from '../support/rawRuns.ts';
import { csvOf, expectColumn, openLook, tableOf } from './figureFiles.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'What if experts were missing';
const RUN = 'moepp-8+4';
/** What the raw export tells of passes with interventions. */
const { alone, without } = rawRun(RUN).passes;

function press(panel: HTMLElement, name: string): void {
  fireEvent.click(within(panel).getByLabelText(name));
}

it('asks for a run first', async () => {
  const { panel } = await renderView('pruning');
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  expect(within(panel).getByText('No run is open: press Start.')).toBeTruthy();
});

it('measures every domain with the experts of each, by the rule that is chosen', async () => {
  const { panel, inputs, lab } = await openLook('pruning', RUN);
  fireEvent.change(within(panel).getByLabelText('Which slots are kept'), {
    target: { value: 'count' },
  });
  const most = within(panel).getByLabelText('Slots of each domain');
  fireEvent.change(most, { target: { value: '3' } });
  fireEvent.keyDown(most, { key: 'Enter' });
  expect(lab.view.getState().own.pruning).toMatchObject({ rule: 'count', most: 3, layer: null });
  press(panel, 'Measure the experts of one domain');
  const { losses } = alone!;
  const { values, layers } = pruning.compute({ ...inputs, losses }, RAW_REQUESTS[RUN].alone);
  const title = 'Loss with the experts of one domain alone';
  const rows = await csvOf(panel, title);
  const isDomain = (row: Record<string, string>) => row['measured on'] !== 'all text';
  expectColumn(rows.filter(isDomain), 'change, nats', values.change);
  expectColumn(
    rows.filter((row) => !isDomain(row)),
    'change, nats',
    values.changeOfAll,
  );
  const [, first] = await tableOf(panel, title);
  expect(first).toEqual([
    'prose',
    'prose',
    (values.ce.data[0] ?? 0).toFixed(3),
    String(Number((values.change.data[0] ?? 0).toPrecision(3))),
  ]);
  const kept = await csvOf(panel, `Slots kept for each domain, layer ${layers[0]?.layer}`);
  expect(kept.map((row) => row['slots kept'])).toEqual(
    layers.flatMap(({ values: of }) =>
      [0, 1, 2].map((d) => {
        const [, R = 0] = of.kept.shape;
        return String(of.kept.data.subarray(d * R, (d + 1) * R).reduce((a, b) => a + b, 0));
      }),
    ),
  );
});

it('measures the loss without each kind, beside the paper’s table', async () => {
  const { panel, inputs } = await openLook('pruning', RUN);
  press(panel, 'Measure without kinds');
  const { losses } = without!;
  const { values } = removal.compute({ ...inputs, losses }, {});
  const rows = await csvOf(panel, 'Loss without kinds of slots');
  expect(rows.map(({ removed }) => removed)).toEqual(setLabels(inputs.inspection as never));
  expectColumn(rows, 'change of all, nats', values.change);
  for (const [d, name] of inputs.inspection.domainNames.entries())
    expectColumn(
      rows,
      `${name}, nats`,
      rows.map((_, set) => values.byDomain.data[3 * set + d] ?? Number.NaN),
    );
  const printed = within(panel).getByLabelText('MoE++ Table C as printed');
  expect(printed.querySelectorAll('tbody tr')).toHaveLength(TABLE_C.length);
  expect(within(printed).getByText('no zero, copy, constant')).toBeTruthy();
});

it('counts the passes, and takes a question back', async () => {
  const { panel, trainer } = await openLook('pruning');
  const answer = trainer.inspect.bind(trainer);
  const held: (() => void)[] = [];
  vi.spyOn(trainer, 'inspect').mockImplementation(async (kind, ask, subject) => {
    if (kind === 'losses') await new Promise<void>((resolve) => held.push(resolve));
    return answer(kind, ask, subject);
  });
  press(panel, 'Measure without kinds');
  expect(await within(panel).findByText('pass 0 of 8')).toBeTruthy();
  held.shift()?.();
  expect(await within(panel).findByText('pass 1 of 8')).toBeTruthy();
  press(panel, 'Cancel: Measure without kinds');
  held.shift()?.();
  await waitFor(() => within(panel).getByLabelText('Measure without kinds'));
  expect(within(panel).queryByText(/^pass/)).toBeNull();
  expect(within(panel).getByText(/what is lost without it/)).toBeTruthy();
  expect(held).toHaveLength(0);
});

it('says why a question is refused', async () => {
  const { panel, trainer } = await openLook('pruning');
  trainer.failNext('inspect', 'RangeError', 'the text is too short');
  press(panel, 'Measure without kinds');
  expect(await within(panel).findByText('the text is too short')).toBeTruthy();
});
