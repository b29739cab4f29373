import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { setPath } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { formatTime } from '../../src/ui/views/placement/PlacementTables.tsx';
import { layerUses, placements } from '../../src/ui/views/placement/simulate.ts';
import { renderPage } from './render.tsx';

const ffn = (...widths: number[]) => widths.map((hidden) => ({ kind: 'ffn', hidden }));
/** Pair sums of 80: the paper's ratios times 16. */
const PAIRS = setPath(DEFAULTS_V1, 'experts.slots', ffn(72, 8, 64, 16, 48, 32, 40, 40));

async function openPlacement(experiment: Experiment) {
  const test = await renderPage({ experiment, room: 'cost' });
  const panel = await screen.findByLabelText('Experts on devices');
  const imbalance = (name: string) =>
    panel.querySelector(`[data-imbalance="${name}"]`)?.textContent ?? '';
  const click = (name: string) => fireEvent.click(within(panel).getByRole('button', { name }));
  return { ...test, panel, imbalance, click };
}

it('is even under pair placement and nominal loads, and uneven in sequence', async () => {
  const { imbalance, click, panel } = await openPlacement(PAIRS);
  within(panel).getByText('all slots alike');
  expect(imbalance('parameters')).toBe('1.00×');
  expect(imbalance('flops')).toBe('1.00×');
  click('sequential');
  expect(imbalance('parameters')).toBe('1.00×');
  fireEvent.change(within(panel).getByLabelText('Number of devices'), { target: { value: '8' } });
  fireEvent.blur(within(panel).getByLabelText('Number of devices'));
  await waitFor(() => expect(imbalance('parameters')).toBe('1.80×'));
  expect(panel.querySelectorAll('tr [data-load^="tokens"]')).toHaveLength(8);
});

it('counts what it moves by hand', () => {
  const uses = layerUses(PAIRS, { loads: () => null });
  const { D, L } = PAIRS.model;
  const T = PAIRS.batch.B * PAIRS.batch.S;
  const machine = { devices: 4, bytesPerSec: 1e9, flopsPerSec: 1e12, pass: 'forward' } as const;
  const { pair } = placements(D, uses, machine);
  const elsewhere = (3 / 4) * T * PAIRS.router.K * L;
  expect(pair.movedBytes).toBeCloseTo(elsewhere * 2 * D * 4, 6);
  const flops = 6 * D * 80 * ((T * PAIRS.router.K) / 8) * L;
  expect(pair.devices.map((load) => load.flops)).toEqual([flops, flops, flops, flops]);
  const [first] = pair.devices;
  expect(pair.stepSeconds).toBeCloseTo(flops / 1e12 + (first?.bytes ?? 0) / 1e9, 12);
});

it('uses the measured routing of the open run, and follows its expert space', async () => {
  const { lab, trainer, panel, imbalance } = await openPlacement(PAIRS);
  await act(() => lab.commands.start());
  act(() => trainer.advance(5));
  await within(panel).findByText('measured routing');
  expect(imbalance('tokens')).not.toBe('1.00×');
  const T = PAIRS.batch.B * PAIRS.batch.S;
  const uses = layerUses(PAIRS, lab.source);
  for (const { kept } of uses) {
    expect(kept.reduce((a, b) => a + b, 0)).toBeCloseTo(T * PAIRS.router.K, 6);
  }
  await act(() =>
    lab.commands.rack.edit((slots) => slots.slice(1).map((slot, i) => ({ slot, at: i + 1 }))),
  );
  await within(panel).findByText('all slots alike');
  act(() => trainer.advance(2));
  await within(panel).findByText('measured routing');
});

it('writes times in units that fit', () => {
  expect([2, 0.00125, 0.00034, 2.5e-7].map(formatTime)).toEqual([
    '2 s',
    '1.25 ms',
    '340 µs',
    '0.25 µs',
  ]);
});
