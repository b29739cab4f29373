import { describe, expect, it } from 'vitest';
import type { SafeTensor } from '../../src/data/safetensors.ts';
import { isWellConditioned } from '../../src/golden/conditioning.ts';
import type { TrainExpected } from '../../src/golden/format.ts';
import { trainReference } from '../../src/golden/referenceSubject.ts';
import type { TrainCaseInput } from '../../src/golden/subject.ts';
import { loadGolden } from './goldens.ts';

const TOLERANCE = {
  out: { abs: 1e-6, rel: 2e-5 },
  loss: { abs: 1e-6, rel: 1e-5 },
  grad: { abs: 1e-7, rel: 5e-5 },
  after: { abs: 1e-6, rel: 2e-5 },
};

function expectedOf(input: TrainCaseInput): TrainExpected {
  const { tensors, steps, capacity } = trainReference(input, 'float64');
  const stored = [...tensors].map(([name, { shape, data }]): [string, SafeTensor] => [
    name,
    data instanceof Int32Array
      ? { dtype: 'I32', shape, data }
      : { dtype: 'F32', shape, data: Float32Array.from(data) },
  ]);
  const [first] = steps;
  const { loss: losses, gradNorm } = first!;
  return { tensors: new Map(stored), losses, gradNorm, steps, capacity };
}

/** A golden case whose sequences repeat one token each: queries and keys then have no gradient. */
function repeatedTokens(eps: number): TrainCaseInput {
  const golden = loadGolden('dense');
  if (golden.kind !== 'train') throw new Error('dense is no training case');
  const { config, parameters, batches } = golden;
  const optimizer = { ...config.optimizer, eps };
  const repeat = (tokens: Uint32Array) => tokens.map((_, t) => Math.floor(t / config.batch.S));
  return {
    config: { ...config, optimizer },
    parameters,
    batches: batches.map(({ tokens, targets }) => ({ tokens: repeat(tokens), targets })),
  };
}

describe('isWellConditioned', () => {
  it('refuses a case in which AdamW makes steps of gradients that are rounding noise', () => {
    const [good, bad] = [repeatedTokens(1e-3), repeatedTokens(1e-10)];
    expect(isWellConditioned(good, expectedOf(good), TOLERANCE)).toBe(true);
    expect(isWellConditioned(bad, expectedOf(bad), TOLERANCE)).toBe(false);
  });

  it('refuses a case whose figures follow the last bit of its parameters', () => {
    const input = repeatedTokens(1e-3);
    const expected = expectedOf(input);
    const tight = { ...TOLERANCE, out: { abs: 0, rel: 1e-8 } };
    expect(isWellConditioned(input, expected, tight)).toBe(false);
  });

  it('refuses a case that predicts everything', () => {
    const input = repeatedTokens(1e-3);
    const expected = expectedOf(input);
    const [first, ...rest] = expected.steps;
    const sure = { ...first!, loss: { ...first!.loss, ce: 0.001 } };
    expect(isWellConditioned(input, { ...expected, steps: [sure, ...rest] }, TOLERANCE)).toBe(
      false,
    );
  });
});
