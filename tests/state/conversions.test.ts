import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { createConversions } from '../../src/state/conversion/conversions.ts';
import { curvesKey, type GrowingCurves, takeSteps } from '../../src/state/conversion/curves.ts';
import { layerWords, measuredOf, studentOf, upward } from '../../src/state/conversion/students.ts';
import type { LayerState, MeasuredStudent } from '../../src/worker/api.ts';
import { testLab } from './support.ts';

const DENSE = applyChange(DEFAULTS_V1, { 'model.arrangement': 'dense', 'model.L': 2 });

async function conversions() {
  const test = await testLab({ experiment: DENSE });
  await test.lab.commands.start();
  const store = test.lab.conversions(createConversions);
  store.getState().choose('live');
  return { ...test, store, get: store.getState };
}

it('replaces what is known of a curve from the first step that comes', () => {
  const curves = new Map<string, GrowingCurves>();
  const steps = (firstStep: number, mse: number[]) =>
    takeSteps(curves, {
      ...{ type: 'steps', id: 'c', layer: 1, seed: 0, firstStep },
      ...{ mse: Float32Array.from(mse), balance: Float32Array.from(mse) },
    });
  steps(1, [4, 3, 2]);
  steps(4, [1]);
  expect(curves.get(curvesKey(1, 0))?.mse).toEqual([4, 3, 2, 1]);
  steps(2, [8]);
  expect(curves.get(curvesKey(1, 0))?.mse).toEqual([4, 8]);
});

it('names students by their layers, and finds what was measured of them', () => {
  const layer = (index: number, status: LayerState['status']): LayerState => ({
    ...{ layer: index, isChosen: true, status, seeds: [] },
  });
  const state = {
    layers: [layer(0, 'converted'), layer(1, 'stopped'), layer(2, 'converted')],
    students: [{ choice: { layers: [2], seed: 0 }, ce: 2 } as unknown as MeasuredStudent],
  };
  expect(studentOf(state, null).layers).toEqual([0, 2]);
  expect(studentOf({ ...state, student: { layers: [2] } }, null)).toEqual({ layers: [2] });
  expect(studentOf(state, { layers: [1, 2], K: 1 })).toEqual({ layers: [2], K: 1 });
  expect(measuredOf(state, { layers: [2] })?.ce).toBe(2);
  expect(measuredOf(state, { layers: [2], seed: 1 })).toBeUndefined();
  expect(measuredOf(state, { layers: [2], K: 1 })).toBeUndefined();
  expect(upward([0, 2, 3], 2)).toEqual([2, 3]);
  expect([[], [3], [2, 3, 4], [0, 2]].map(layerWords)).toEqual(['none', '3', '2 to 4', '0, 2']);
});

it('measures once after all layers of a conversion that was begun here are converted', async () => {
  const { store, get, trainer, called } = await conversions();
  await get().begin({ steps: 10 });
  expect(get().rows).toHaveLength(1);
  trainer.finish();
  await expect.poll(() => get().state?.students.length).toBe(4);
  expect(get().work).toBeNull();
  await get().goOn();
  expect(called().filter((name) => name === 'measure')).toHaveLength(1);
  await get().remove('c1');
  expect(store.getState().state).toBeNull();
});

it('lists each refusal of a plan by itself, and keeps the last answer only', async () => {
  const { get } = await conversions();
  await get().plan({ N: 100, K: 70 });
  expect(get().planned?.plan).toBeNull();
  expect(get().planned?.refusals).toHaveLength(2);
  expect(get().planned?.refusals[0]).toMatch(/^N: 100 .* from 1 to 64/);
  const slow = get().plan({ N: 4 });
  const last = get().plan({ N: 2 });
  await Promise.all([slow, last]);
  expect(get().planned?.plan?.settings.N).toBe(2);
});

it('keeps what is shown where it cannot be deleted', async () => {
  const { get, trainer } = await conversions();
  await get().begin({ steps: 10 });
  const api = await trainer.conversion();
  api.remove = async () => {
    throw new Error('Another tab works on this conversion.');
  };
  await get().remove('c1');
  expect(get().state?.id).toBe('c1');
  expect(get().failure).toContain('Another tab works on this conversion.');
});

it('says what was not done, but not of what a person stopped', async () => {
  const { get, trainer } = await conversions();
  await get().begin({ steps: 10 });
  const api = await trainer.conversion();
  api.profile = async () => {
    throw Object.assign(new Error('stopped'), { name: 'Cancelled' });
  };
  await get().profile();
  expect(get().failure).toBeNull();
  await get().policy({ pu: 0.5, pe: 0.5 });
  expect(get().failure).toBe('The policy was not measured: No routing weights were recorded.');
  expect(get().work).toBeNull();
});
