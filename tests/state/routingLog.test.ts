import { expect, it } from 'vitest';
import { layerLoads, SCALAR_COUNT, type StepRecords } from '../../src/config/telemetry.ts';
import { RoutingLog } from '../../src/state/routingLog.ts';

/** Two steps of one layer: slots E0, −E0, zero, constant; T = 10, K = 2. */
const records: StepRecords = {
  firstStep: 3,
  n: 2,
  scalars: new Float32Array(2 * SCALAR_COUNT),
  layers: [
    {
      ...layerLoads({ layer: 1, R: 4, W: 2 }, 2, 1),
      assignments: Uint32Array.from([4, 2, 2, 2, 1, 3, 5, 1, 10, 0, 0, 0, 0, 10, 0, 0]),
      drops: Uint32Array.from([1, 0, 2, 0, 0, 4, 0, 0]),
    },
  ],
};
const SPACE = [{ layer: 1, kinds: ['ffn', 'negated', 'zero', 'constant'] as const }];

it('counts computing experts, kinds and drops of every step', () => {
  const log = new RoutingLog(SPACE, 10);
  log.append(records);
  expect(log.computing(0)[0]).toBeCloseTo((5 + 5 - 1) / 10);
  expect(log.computing('mean')[1]).toBeCloseTo((10 + 10 - 4) / 10);
  expect(log.share('zero')[0]).toBeCloseTo(7 / 20);
  expect(log.share('constant')[0]).toBeCloseTo(3 / 20);
  expect(log.share('ffn')[1]! + log.share('negated')[1]!).toBeCloseTo(1);
  expect(Array.from(log.drops)).toEqual([3, 4]);
  expect(log.firstStep).toBe(3);
});

it('counts the slots of another expert space once it is in force', () => {
  const log = new RoutingLog(SPACE, 10);
  log.begin([{ layer: 1, kinds: ['zero', 'ffn', 'ffn', 'ffn'] }]);
  log.append(records);
  expect(log.share('zero')[0]).toBeCloseTo(5 / 20);
});
