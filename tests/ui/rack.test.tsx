import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { setPath } from '../../src/config/edit.ts';
import type { Slot } from '../../src/config/experiment.ts';
import { listDifferences } from '../../src/ui/kit/differences.ts';
import { snapped, stepped, widthRange } from '../../src/ui/views/rack/edits.ts';
import { renderPage } from './render.tsx';

const EXPERIMENT = setPath(DEFAULTS_V1, 'experts.slots', [
  { kind: 'ffn', hidden: 64 },
  { kind: 'ffn', hidden: 32 },
  { kind: 'ffn', hidden: 48 },
  { kind: 'ffn', hidden: 48 },
  { kind: 'zero' },
]);

async function openRack(steps: number) {
  const test = await renderPage({ experiment: EXPERIMENT });
  const panel = await screen.findByLabelText('Expert rack');
  if (steps > 0) {
    await act(() => test.lab.commands.start());
    act(() => test.trainer.advance(steps));
  }
  const slots = (): readonly Slot[] => test.lab.config.getState().experiment.experts.slots;
  const widths = () => slots().map((slot) => (slot.kind === 'ffn' ? slot.hidden : slot.kind));
  const slider = (slot: number) => within(panel).getByLabelText(`Width of rack slot ${slot}`);
  const click = (name: string) => fireEvent.click(within(panel).getByRole('button', { name }));
  return { ...test, panel, slots, widths, slider, click };
}

async function choose(menu: HTMLElement, item: string): Promise<void> {
  // What the key Enter does in a browser: a key, and a click that the button makes of it.
  fireEvent.keyDown(menu, { key: 'Enter' });
  fireEvent.click(menu);
  fireEvent.click(await screen.findByRole('menuitem', { name: item }));
}

it('changes a width by key, shows it at once and applies it when the key is let go', async () => {
  const { slider, widths, called, trainer } = await openRack(5);
  fireEvent.keyDown(slider(0), { key: 'ArrowRight' });
  fireEvent.keyDown(slider(0), { key: 'ArrowRight' });
  expect(slider(0).getAttribute('aria-valuenow')).toBe('80');
  expect(called()).not.toContain('change');
  fireEvent.keyUp(slider(0), { key: 'ArrowRight' });
  await waitFor(() => expect(widths()).toEqual([80, 32, 48, 48, 'zero']));
  expect(trainer.calls.filter(([name]) => name === 'change')).toHaveLength(1);
  expect(slider(0).getAttribute('aria-valuenow')).toBe('80');
  expect(slider(0).getAttribute('aria-valuemin')).toBe('8');
  expect(Number(slider(0).getAttribute('aria-valuemax'))).toBeGreaterThan(80);
});

it('keeps the sum of a pair and the total in pairs mode', async () => {
  const { slider, widths, click } = await openRack(0);
  click('Pairs');
  expect(slider(0).getAttribute('aria-valuemax')).toBe('88');
  fireEvent.keyDown(slider(0), { key: 'End' });
  expect(slider(1).getAttribute('aria-valuenow')).toBe('8');
  fireEvent.keyUp(slider(0), { key: 'End' });
  await waitFor(() => expect(widths()).toEqual([88, 8, 48, 48, 'zero']));
});

it('does not change a width that a drag was called off for', async () => {
  const { slider, widths, panel } = await openRack(0);
  const edge = slider(0);
  edge.setPointerCapture = () => undefined;
  const track = edge.closest<HTMLElement>('.rack-track');
  if (track === null) throw new Error('no track');
  track.getBoundingClientRect = () => DOMRect.fromRect({ x: 0, y: 0, width: 80, height: 28 });
  const drag = (to: number) => {
    fireEvent.pointerDown(edge, { button: 0, pointerId: 1, clientX: 64 });
    fireEvent.pointerMove(edge, { pointerId: 1, clientX: to });
  };
  drag(41);
  expect(edge.getAttribute('aria-valuenow')).toBe('40');
  const { D, L } = EXPERIMENT.model;
  expect(panel.querySelector('[data-delta]')?.getAttribute('data-delta')).toBe(
    String(-L * 3 * D * 24),
  );
  fireEvent.keyDown(edge, { key: 'Escape' });
  fireEvent.pointerUp(edge, { pointerId: 1 });
  expect(widths()[0]).toBe(64);
  drag(41);
  fireEvent.pointerUp(edge, { pointerId: 1 });
  await waitFor(() => expect(widths()[0]).toBe(40));
});

it('adds, clones, removes, turns and moves slots', async () => {
  const { panel, slots, widths, click } = await openRack(5);
  click('Clone rack slot 1');
  await waitFor(() => expect(widths()).toEqual([64, 32, 32, 48, 48, 'zero']));
  click('Remove rack slot 0');
  await waitFor(() => expect(widths()).toEqual([32, 32, 48, 48, 'zero']));
  await choose(within(panel).getByRole('button', { name: 'Add a slot' }), 'constant');
  await waitFor(() => expect(widths().at(-1)).toBe('constant'));
  fireEvent.change(within(panel).getByLabelText('Kind of rack slot 5'), {
    target: { value: 'negated:2' },
  });
  await waitFor(() => expect(slots()[5]).toEqual({ kind: 'negated', of: 2 }));
  const handle = within(panel).getByRole('button', { name: 'Move rack slot 2' });
  handle.focus();
  fireEvent.keyDown(handle, { key: 'ArrowUp', altKey: true });
  await waitFor(() => expect(widths()).toEqual([32, 48, 32, 48, 'zero', 'negated']));
  expect(slots()[5]).toEqual({ kind: 'negated', of: 1 });
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Move rack slot 1');
  within(panel).getByText('Slot 2 is at place 1 now');
  fireEvent.keyDown(within(panel).getByRole('button', { name: 'Move rack slot 4' }), {
    key: 'Delete',
  });
  await waitFor(() => expect(slots()).toHaveLength(5));
});

it('sets the paper’s ratios and keeps the total', async () => {
  const { panel, widths } = await openRack(0);
  await choose(within(panel).getByRole('button', { name: 'Ratios' }), 'all pairs (4, 1)');
  await waitFor(() => expect(widths()).toEqual([77, 19, 77, 19, 'zero']));
});

it('undoes and redoes by key, but not while a person types', async () => {
  const { widths, click, panel } = await openRack(5);
  click('Remove rack slot 3');
  await waitFor(() => expect(widths()).toHaveLength(4));
  const input = within(panel).getByLabelText('Hidden width of rack slot 0');
  fireEvent.keyDown(input, { key: 'z', ctrlKey: true });
  expect(widths()).toHaveLength(4);
  fireEvent.keyDown(document.body, { key: 'z', ctrlKey: true });
  await waitFor(() => expect(widths()).toHaveLength(5));
  fireEvent.keyDown(document.body, { key: 'Z', ctrlKey: true, shiftKey: true });
  await waitFor(() => expect(widths()).toHaveLength(4));
});

it('collects edits as chips with their parameters, and applies them together', async () => {
  const { panel, slider, click, trainer, widths } = await openRack(5);
  click('Collect edits');
  fireEvent.keyDown(slider(0), { key: 'ArrowRight' });
  fireEvent.keyUp(slider(0), { key: 'ArrowRight' });
  click('Remove rack slot 4');
  const waiting = await within(panel).findByLabelText('Edits that wait');
  within(waiting).getByText('0: 64 → 72');
  within(waiting).getByText('− 4 (∅)');
  const { D, L } = EXPERIMENT.model;
  const delta = L * (3 * D * 8 - D);
  expect(waiting.querySelector('[data-delta]')?.getAttribute('data-delta')).toBe(String(delta));
  expect(trainer.calls.map(([name]) => name)).not.toContain('change');
  fireEvent.click(within(waiting).getByRole('button', { name: 'Apply together' }));
  await waitFor(() => expect(widths()).toEqual([72, 32, 48, 48]));
  expect(trainer.calls.filter(([name]) => name === 'change')).toHaveLength(1);
  expect(within(panel).queryByLabelText('Edits that wait')).toBeNull();
});

it('shows the measured load of every slot, and none for a fresh one', async () => {
  const { panel, click, trainer } = await openRack(5);
  const load = (slot: number) => panel.querySelector(`[data-load="${slot}"]`)?.textContent ?? '';
  await waitFor(() => expect(load(0)).toMatch(/^\d\.\d\d×$/));
  const mean = [0, 1, 2, 3, 4].reduce((sum, r) => sum + Number.parseFloat(load(r)), 0) / 5;
  expect(mean).toBeCloseTo(1, 1);
  const old = [load(0), load(1)];
  click('Collect edits');
  fireEvent.keyDown(within(panel).getByRole('button', { name: 'Move rack slot 0' }), {
    key: 'ArrowDown',
    altKey: true,
  });
  await waitFor(() => expect([load(1), load(0)]).toEqual(old));
  fireEvent.click(within(panel).getByRole('button', { name: 'Apply together' }));
  await waitFor(() => expect(load(0)).toBe('–'));
  act(() => trainer.advance(2));
  await waitFor(() => expect(load(0)).toMatch(/×$/));
});

it('edits one layer alone', async () => {
  const { panel, lab, click, trainer } = await openRack(5);
  fireEvent.change(within(panel).getByLabelText('Layers that the rack edits'), {
    target: { value: '2' },
  });
  click('Remove rack slot 4');
  await waitFor(() =>
    expect(lab.config.getState().experiment.experts.perLayer?.['2']).toHaveLength(4),
  );
  expect(trainer.calls.at(-1)).toMatchObject([
    'change',
    { surgery: { from: { 2: [0, 1, 2, 3] } } },
  ]);
  expect(lab.config.getState().experiment.experts.slots).toHaveLength(5);
});

it('says what was refused and offers a new model', async () => {
  const { panel, trainer, called, click } = await openRack(5);
  trainer.failNext('change', 'ModelTooLarge', 'experts.up needs 9 GB');
  click('Clone rack slot 0');
  const alert = await within(panel).findByRole('alert');
  within(alert).getByText('experts.up needs 9 GB');
  fireEvent.click(within(alert).getByRole('button', { name: 'Apply these slots as new model' }));
  await waitFor(() => expect(called().slice(-2)).toEqual(['open', 'start']));
});

it('marks a surgery on the charts in words', async () => {
  const { click, panel, slots } = await openRack(5);
  click('Remove rack slot 3');
  await waitFor(() => expect(slots()).toHaveLength(4));
  within(panel).getByText('Slot 3 is removed');
  await waitFor(() =>
    expect(
      document.querySelector('[title="From step 6: surgery: Expert space = 64 32 48 zero"]'),
    ).not.toBeNull(),
  );
});

it('steps on the grid from any width, within the range', () => {
  const range = { min: 8, max: 200 };
  expect(stepped(77, 1, 8, range)).toBe(80);
  expect(stepped(77, -1, 8, range)).toBe(72);
  expect(stepped(80, 1, 8, range)).toBe(88);
  expect(stepped(196, 8, 8, range)).toBe(200);
  expect(snapped(13, 8, range)).toBe(16);
  expect(snapped(-3, 8, range)).toBe(8);
  const slots: Slot[] = [{ kind: 'ffn', hidden: 20 }, { kind: 'zero' }, { kind: 'ffn', hidden: 5 }];
  expect(widthRange(slots, 0, { pairs: true, snap: 4, most: 99 })).toEqual({ min: 4, max: 21 });
  expect(widthRange(slots, 2, { pairs: false, snap: 8, most: 99 })).toEqual({ min: 5, max: 99 });
});

it('tells clones, kinds and order apart', () => {
  const before: Slot[] = [
    { kind: 'ffn', hidden: 8 },
    { kind: 'ffn', hidden: 16 },
    { kind: 'negated', of: 1 },
  ];
  const slots: Slot[] = [
    { kind: 'ffn', hidden: 16 },
    { kind: 'ffn', hidden: 16 },
    { kind: 'negated', of: 0 },
    { kind: 'zero' },
  ];
  expect(listDifferences(before, { slots, from: [1, 1, 2, 0] })).toEqual([
    '+ clone of 1',
    '0: E 8 → ∅',
    'new order',
  ]);
});
