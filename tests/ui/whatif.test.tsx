import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { FIGURES } from '../../src/analysis/figures.ts';
import { slotKind } from '../../src/config/slots.ts';
import { formatValue } from '../../src/ui/kit/figure/formats.ts';
import { slotSign } from '../../src/ui/kit/lookWords.ts';
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

/** What the path of the pinned token tells with what is asked: of each layer what it is worth, of each rank its cells. */
function pathWith(panel: HTMLElement): string[][] {
  const path = within(panel).getByRole('table', { name: /^Path of token/ });
  return [...path.querySelectorAll('tbody tr')].map((row) => {
    const worth = row.querySelector('th .muted:last-child')?.textContent;
    const cells = [...row.querySelectorAll('td')].slice(-4).map((cell) => cell.textContent);
    return [...(worth ? [worth] : []), ...cells];
  });
}

/** The same of a raw export's routing behind it. */
function exportedPath(name: string): string[][] {
  const inspection = raw.passes[name]!.after!;
  const { token } = RAW_TOKEN;
  const { layers } = FIGURES.tokens.compute({ ...raw, inspection }, {});
  return inspection.layers.flatMap((layer, place) => {
    const { W, selected, gates, norms, dropped } = layer;
    const { computing, width } = layers[place]!.values;
    const worth = `with: ${computing.data[token]} computing, ${width.data[token]} wide`;
    return Array.from({ length: W }, (_, w) => token * W + w)
      .filter((i) => selected[i]! >= 0)
      .map((i, rank) => {
        const [slot, isDropped] = [selected[i]!, dropped[i] === 1];
        const hidden = layer.hidden[slot]!;
        const sort = hidden > 0 ? `${hidden}` : slotKind(layer.kinds[slot]!).short;
        return [
          ...(rank === 0 ? [worth] : []),
          `${slotSign(layer, slot)}${sort}`,
          formatValue(gates[i]!, 'decimal'),
          formatValue(norms[i]!, 'decimal'),
          isDropped ? 'dropped' : 'kept',
        ];
      });
  });
}

const press = (panel: HTMLElement, name: string | RegExp) =>
  fireEvent.click(within(panel).getByRole('button', { name }));

it('keeps the path of a token as the focus goes on: what can be scrolled in it takes Tab', async () => {
  const panel = await pinned();
  press(panel, 'Unpin');
  fireEvent.blur(within(panel).getByRole('grid', { name: /by token/ }));
  within(panel).getByRole('table', { name: new RegExp(`^Path of token ${RAW_TOKEN.token} `) });
});

it('changes the losses, and tells what every other slot is worth, as the raw export of the same passes has it', async () => {
  const panel = await pinned();
  const seen: number[] = [];
  let compared = 0;
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
    if (raw.passes[name]!.after !== null) {
      expect(pathWith(panel)).toEqual(exportedPath(name));
      compared += 1;
    }
    press(panel, /^Remove: /);
    await waitFor(() => expect(within(panel).queryByText(/^Nats, at step/)).toBeNull());
  }
  expect(Math.min(...seen.map(Math.abs))).toBeGreaterThan(1e-5);
  expect(compared).toBe(1);

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
