import { describe, expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { digestRun, type RunDigest } from '../../src/links/digest.ts';
import { type Receipt, receiptOf } from '../../src/links/receipt.ts';
import type { RunCurves } from '../../src/runs/record.ts';

const N = 200;

function curves(change: (loss: number, step: number) => number = (loss) => loss): RunCurves {
  const at = (step: number) => 2 + 3 * Math.exp(-step / 50) + 0.1 * Math.sin(step * step);
  const steps = Float64Array.of(50, 100, 150, 200);
  return {
    ce: {
      firstStep: 1,
      steps: null,
      values: Float32Array.from({ length: N }, (_, i) => change(at(i + 1), i + 1)),
    },
    validation: { firstStep: 50, steps, values: Float32Array.from(steps, (s) => change(at(s), s)) },
  };
}

const SENDER: RunDigest = digestRun(
  {
    row: { name: 'a', version: '0.1.0', adapter: null, experiment: DEFAULTS_V1 },
    curves: curves(),
    loads: [],
  },
  100,
);

function receipt(here: RunCurves): Receipt {
  return receiptOf(SENDER, {
    curves: here,
    adapter: 'x',
    version: '0.1.0',
    link: 'v=1',
    at: new Date(0),
  });
}

const isFixed = (step: number) => SENDER.fixed.some((one) => one.step === step);

describe('a receipt', () => {
  test('says identical for the same losses, whatever was trained behind them', () => {
    const longer = curves();
    const more = Float32Array.of(...longer.ce!.values, 1, 2, 3);
    const { verdict, parting, says, here } = receipt({
      ...longer,
      ce: { firstStep: 1, steps: null, values: more },
    });
    expect({ verdict, parting }).toEqual({ verdict: 'identical', parting: null });
    expect(says).toBe(
      'Bit-identical: every loss from step 1 to 200 is the sender’s, as the digest of all of them shows.',
    );
    expect(here).toMatchObject({ digest: SENDER.digest, at: '1970-01-01T00:00:00.000Z' });
  });

  test('compares what the sender has of a run that was opened from a checkpoint', () => {
    const whole = curves();
    const ce = { firstStep: 61, steps: null, values: whole.ce!.values.slice(60) };
    const steps = whole.validation!.steps!.slice(1);
    const validation = { firstStep: 100, steps, values: whole.validation!.values.slice(1) };
    const row = { name: 'a', version: '0.1.0', adapter: null, experiment: DEFAULTS_V1 };
    const sender = digestRun({ row, curves: { ce, validation }, loads: [] }, 100);
    const of = (here: RunCurves) =>
      receiptOf(sender, { curves: here, adapter: 'x', version: '0', link: 'v=1', at: new Date(0) });
    expect(of(whole)).toMatchObject({ verdict: 'identical', here: { digest: sender.digest } });
    expect(of(whole).says).toContain('every loss from step 61 to 200 is');
    const { verdict, parting, says } = of(curves((loss, step) => (step > 100 ? loss + 1 : loss)));
    expect(verdict).toBe('parts');
    expect(parting!.lastSame).toBeLessThanOrEqual(100);
    expect(says).toContain('begin at step 61: a run that was forked from another one there');
  });

  test('names the exact steps between which the two part', () => {
    const { verdict, parting, quantised, exact } = receipt(
      curves((loss, step) => (step < 90 ? loss : loss * (1 + 1e-6))),
    );
    const before = SENDER.fixed.filter(({ step }) => step < 90).at(-1)?.step;
    const after = SENDER.fixed.find(({ step }) => step >= 90)?.step;
    expect(verdict).toBe('parts');
    expect(parting).toEqual({ lastSame: before, firstDifferent: after });
    expect(exact.every(({ step, isSame }) => isSame === step < 90)).toBe(true);
    expect(quantised.training.beyond).toBe(0);
  });

  test('tells by the digest alone of a bit at a step that nothing else looks at', () => {
    const step = Array.from({ length: N }, (_, i) => i + 1).find(
      (s) => !isFixed(s) && !SENDER.training.steps.includes(s),
    );
    const { verdict, parting, says } = receipt(
      curves((loss, at) => (at === step ? loss + 1e-6 : loss)),
    );
    expect(verdict).toBe('parts');
    expect(parting).toEqual({ lastSame: 200, firstDifferent: null });
    expect(says).toContain('but the digest of all losses does');
  });

  test('tells of what is beyond the quantisation, in both curves', () => {
    const { parting, quantised, says } = receipt(
      curves((loss, step) => (step === 143 || step === 150 ? loss + 0.5 : loss)),
    );
    const seen = SENDER.training.steps.includes(143);
    expect(quantised.training.beyond).toBe(
      (seen ? 1 : 0) + (SENDER.training.steps.includes(150) ? 1 : 0),
    );
    expect(quantised.validation).toMatchObject({ beyond: 1, firstBeyond: 150, points: 4 });
    expect(quantised.validation.farthest?.distance).toBeCloseTo(0.5, 2);
    expect(parting?.firstDifferent).toBe(seen ? 143 : 150);
    expect(says).toMatch(/Beyond the link’s quantisation of 0\.00\d+ from step 1\d\d on/);
  });

  test.each([
    [
      'fewer steps',
      { ...curves(), ce: { ...curves().ce!, values: curves().ce!.values.slice(0, 150) } },
    ],
    ['later steps', { ...curves(), ce: { ...curves().ce!, firstStep: 2 } }],
    ['no losses', {}],
    ['a loss that is not finite', curves((loss, step) => (step === 7 ? Number.NaN : loss))],
  ])('of %s never says identical', (_, here: RunCurves) => {
    const { verdict, says } = receipt(here);
    expect(verdict).toBe('parts');
    expect(says).not.toMatch(/undefined|NaN|Infinity/);
  });

  test('survives JSON as it is', () => {
    const made = receipt(curves((loss, step) => (step > 100 ? Number.NaN : loss)));
    const { farthest } = JSON.parse(JSON.stringify(made)).quantised.training;
    expect(farthest).toEqual(made.quantised.training.farthest);
  });
});
