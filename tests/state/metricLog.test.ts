import { expect, it } from 'vitest';
import { SCALAR_COUNT, type StepRecords, scalarColumn } from '../../src/config/telemetry.ts';
import { MetricLog } from '../../src/state/metricLog.ts';

function records(firstStep: number, ce: readonly number[]): StepRecords {
  const scalars = new Float32Array(ce.length * SCALAR_COUNT);
  ce.forEach((value, i) => {
    scalars[i * SCALAR_COUNT + scalarColumn('ce')] = value;
  });
  return { firstStep, n: ce.length, scalars, layers: [] };
}

it('keeps values by step over many growths', () => {
  const log = new MetricLog();
  for (let step = 1; step <= 5000; step += 10) {
    log.append(
      records(
        step,
        Array.from({ length: 10 }, (_, i) => step + i),
      ),
    );
  }
  expect(log.lastStep).toBe(5000);
  expect(log.at('ce', 1)).toBe(1);
  expect(log.at('ce', 4321)).toBe(4321);
  expect(log.at('ce', 5001)).toBeNaN();
  expect(log.column('ce')).toHaveLength(5000);
});

it('begins where a restored run begins and marks lost steps', () => {
  const log = new MetricLog();
  log.append(records(501, [3, 2]));
  log.append(records(505, [1]));
  expect(log.firstStep).toBe(501);
  expect(Array.from(log.column('ce'))).toEqual([3, 2, Number.NaN, Number.NaN, 1]);
});
