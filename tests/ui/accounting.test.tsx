import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { estimateMemory } from '../../src/accounting/memory.ts';
import { countParameters, paperCounts } from '../../src/accounting/parameters.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { presetById } from '../../src/config/presets.ts';
import { adapterName } from '../../src/ui/kit/adapterName.ts';
import { formatBytes, formatCount, formatSeconds, formatSi } from '../../src/ui/kit/format.ts';
import { slotSigns } from '../../src/ui/kit/slotNames.ts';
import { accountingOf, measuredNa, stepSeconds } from '../../src/ui/views/accounting/figures.ts';
import { historyEnd } from '../../src/ui/views/history/Panel.tsx';
import { FAKE_ADAPTER } from './fakeTrainer.ts';
import { renderPage } from './render.tsx';

const config = engineConfig(DEFAULTS_V1, 256);

async function panel() {
  return within(await screen.findByRole('region', { name: 'Size and cost' }));
}

it('counts an experiment before it runs, every figure with its formula', async () => {
  await renderPage({ room: 'cost' });
  const { findByText, getByRole, getByText } = await panel();
  await findByText(formatSi(paperCounts(config).M, 'FLOP'));
  fireEvent.click(getByRole('button', { name: 'All figures' }));
  await findByText(formatCount(countParameters(config).total));
  getByText(formatCount(paperCounts(config).N));
  getByText(formatBytes(estimateMemory(config, null, 5).byClass.activations));
  fireEvent.click(getByRole('button', { name: 'Training compute: explain' }));
  await screen.findByText('C = 3·M·tokens');
});

it('follows the form, and says in numbers what the adapter cannot hold', async () => {
  const { lab } = await renderPage({ room: 'cost', adapter: { maxBindingBytes: 2 ** 20 } });
  const { findByRole } = await panel();
  expect((await findByRole('alert')).textContent).toMatch(
    /2\.6 MiB in one buffer.*at most 1\.0 MiB/,
  );
  act(() => lab.commands.stage({ 'model.D': 16, 'batch.B': 1 }));
  await waitFor(async () => expect((await panel()).queryByRole('alert')).toBeNull());
});

it('measures the adapter on request and estimates the time from it', async () => {
  const { lab } = await renderPage({ room: 'cost' });
  const { getByRole, findByText } = await panel();
  fireEvent.click(await screen.findByRole('button', { name: 'Measure this adapter' }));
  await waitFor(() => expect(lab.run.getState().speed).not.toBeNull());
  const accounting = accountingOf(DEFAULTS_V1, FAKE_ADAPTER, null);
  const { speed } = lab.run.getState();
  if (accounting === null || speed === null) throw new Error('nothing counted or measured');
  await findByText(`≈ ${formatSeconds(stepSeconds(accounting, speed))}`);
  expect(getByRole('button', { name: 'All figures' })).toBeTruthy();
});

it('does not measure while it trains', async () => {
  const test = await renderPage({ room: 'cost' });
  await act(() => test.lab.commands.start());
  await act(() => test.lab.commands.measure(true));
  expect(test.called()).not.toContain('measure');
});

it('sets measured figures beside the estimates, but not beside those of another model', async () => {
  const test = await renderPage({ room: 'cost' });
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(4));
  const { findByText, queryByText } = await panel();
  await findByText('in use 178 MiB');
  await findByText(/^measured 1?\d{2}K$/);
  act(() => test.lab.commands.stage({ 'model.D': 128 }));
  await waitFor(() => expect(queryByText('in use 178 MiB')).toBeNull());
});

it('takes drops off the measured Na, and calls it a bound where twins cannot be told apart', async () => {
  const experiment = presetById('tcmoe')?.experiment ?? DEFAULTS_V1;
  const test = await renderPage({ experiment, room: 'cost' });
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(4));
  const engine = engineConfig(experiment, 256);
  const { source } = test.lab;
  const whole = measuredNa(engine, source);
  expect(whole?.isUpperBound).toBe(true);
  for (const { layer } of source.spaces(null)) {
    const latest = source.loads(layer, null);
    latest?.drops.set(latest.counts);
  }
  const attention =
    engine.model.L * (2 * 128 ** 2 + 2 * 128 * engine.model.Hkv * (128 / engine.model.H));
  expect(measuredNa(engine, source)?.Na).toBeCloseTo(attention, 6);
});

it('shows computing experts and kinds over steps only where there is something to see', async () => {
  const plain = await renderPage({ room: 'routing' });
  await act(() => plain.lab.commands.start());
  act(() => plain.trainer.advance(3));
  expect(screen.queryByText('Computing experts')).toBeNull();
  const limited = applyChange(DEFAULTS_V1, { 'router.capacity': 1.1 });
  await act(() => plain.lab.commands.load(limited, []));
  await screen.findByText('Drops per step');
  expect(screen.queryByText('Kinds of slots')).toBeNull();
});

it('names the kinds of TC-MoE as its paper does', async () => {
  const experiment = presetById('tcmoe')?.experiment ?? DEFAULTS_V1;
  await renderPage({ experiment, room: 'routing' });
  const chart = (await screen.findByText('Kinds of slots')).closest('figure');
  expect([...(chart?.querySelectorAll('.legend span') ?? [])].map((e) => e.textContent)).toEqual([
    'E+',
    'E−',
    'E0',
  ]);
});

it('signs every slot with its expert', () => {
  const slots = [
    { kind: 'ffn', hidden: 8 },
    { kind: 'ffn', hidden: 8 },
    { kind: 'negated', of: 1 },
    { kind: 'zero' },
  ] as const;
  const kinds = slots.map(({ kind }) => kind);
  expect(slotSigns(kinds, slots)).toEqual(['E₀', 'E₁', '−E₁', '∅']);
  expect(slotSigns(kinds, [])).toEqual(['E₀', 'E₁', '−E', '∅']);
});

it('lets the history grow with the run', () => {
  expect([0, 1, 26, 60, 1999].map((step) => historyEnd(step, 2000))).toEqual([
    25, 25, 50, 100, 2000,
  ]);
  expect(historyEnd(3, 10)).toBe(10);
});

it.each([
  ['nvidia ada-lovelace', 'NVIDIA Ada Lovelace'],
  ['apple metal-3', 'Apple Metal 3'],
  ['amd rdna-2', 'AMD RDNA 2'],
  ['intel xe-2lpg', 'Intel Xe 2lpg'],
  ['google swiftshader', 'Google SwiftShader'],
  ['SwiftShader driver 5.0.0', 'SwiftShader Driver 5.0.0'],
])('spells %s as %s', (raw, name) => expect(adapterName(raw)).toBe(name));
