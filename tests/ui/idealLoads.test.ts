import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { aimsAtTau } from '../../src/ui/kit/loads.ts';

it('weighs slots by τ where capacity or the heterogeneous loss does, and τ says something', () => {
  const aims = (change: Change) => aimsAtTau(applyChange(DEFAULTS_V1, change));
  expect(aims({})).toBe(false);
  expect(aims({ 'router.capacity': 1.1, 'router.tau': 0.5 })).toBe(true);
  expect(aims({ 'losses.heterogeneous.beta': 0.1 })).toBe(true);
  expect(aims({ 'router.capacity': 1.1, 'router.tau': 0 })).toBe(false);
});
