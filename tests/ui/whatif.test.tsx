import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { FIGURES } from '../../src/analysis/figures.ts';
import { formatValue } from '../../src/ui/kit/figure/formats.ts';
import { rawRun } from '../support/rawPass.ts';
import { RAW_FORCED, RAW_RUNS, RAW_TOKEN } from '../support/rawRuns.ts';
import { csvOf, expectColumn } from './figureFiles.ts';
import { renderPage } from './render.tsx';

/** What a passage is asked of a token, against passes of a raw export. */

const raw = rawRun('moepp-8+4');
const { S } = raw.inspection;

/** The figure of the raw export under a name. */
function exported(name: string) {
  const { request, losses } = raw.passes[name]!;
  if (request.figure !== 'interventions') throw new Error(`${name} is a ${request.figure}`);
  return FIGURES.interventions.compute({ ...raw, losses }, request).values;
}

/** The passage of the first sequence, with the token pinned. */
async function pinned(): Promise<HTMLElement> {
  const { lab } = await renderPage({ room: 'text', experiment: RAW_RUNS['moepp-8+4'] });
  await act(() => lab.commands.start());
  await act(() => lab.commands.pause());
  const panel = screen.getByRole('region', { name: 'Token by token' });
  const cells = await within(panel).findByRole('grid', { name: /by token/ });
  fireEvent.focus(cells);
  for (let i = 0; i < RAW_TOKEN.token; i++) fireEvent.keyDown(cells, { key: 'ArrowRight' });
  fireEvent.keyDown(cells, { key: 'Enter' });
  await within(panel).findByText(new RegExp(`^Pinned: token ${RAW_TOKEN.token}`));
  return panel;
}

const press = (panel: HTMLElement, name: string | RegExp) =>
  fireEvent.click(within(panel).getByRole('button', { name }));

it('changes the losses, and tells what every other slot is worth, as the raw export of the same passes has it', async () => {
  const panel = await pinned();
  const seen: number[] = [];
  for (const [button, name] of [
    ['Mask', 'masked'],
    ['Flip sign', 'flipped'],
  ] as const) {
    press(panel, button);
    await within(panel).findByText(/^Nats, at step/);
    const { own, later, passage, delta } = exported(name);
    const rows = await csvOf(panel, 'Loss, by token');
    expectColumn(rows, FIGURES.interventions.rows.delta.label, [...delta.data.subarray(0, S)]);
    const shown = ['this token', 'later tokens', 'the passage'].map(
      (of) =>
        within(panel)
          .getByRole('button', { name: `Change of ${of}: explain` })
          .closest('div')
          ?.querySelector('dd')?.textContent,
    );
    const plain = (text?: string | null) => text?.replace('+', '').replaceAll('−', '-');
    expect(shown.map(plain)).toEqual(
      [own, later, passage].map((value) => plain(formatValue(value, 'nats'))),
    );
    seen.push(own);
    press(panel, /^Remove: /);
    await waitFor(() => expect(within(panel).queryByText(/^Nats, at step/)).toBeNull());
  }
  expect(Math.min(...seen.map(Math.abs))).toBeGreaterThan(1e-5);

  press(panel, 'Every other slot');
  const heading = await within(panel).findByText(/^Every other slot at rank 0 of layer 0/, {
    selector: 'h3, h4',
  });
  const rows = await csvOf(panel, heading.textContent!);
  const values = RAW_FORCED.map(({ name }) => exported(name));
  const { own, later, passage } = FIGURES.interventions.rows;
  expectColumn(
    rows,
    own.label,
    values.map((of) => of.own),
  );
  expectColumn(
    rows,
    later.label,
    values.map((of) => of.later),
  );
  expectColumn(
    rows,
    passage.label,
    values.map((of) => of.passage),
  );
});
