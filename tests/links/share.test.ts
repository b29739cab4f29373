import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { hash64, mix32 } from '../../src/config/hash.ts';
import { MAX_UNPACKED, packBytes, unpackBytes } from '../../src/config/packing.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { decodeLink, encodeLink, encodeSealed, sealOf } from '../../src/config/permalink.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import { bitsOf } from '../../src/links/bytes.ts';
import {
  digestOf,
  digestRun,
  finalLoads,
  levelValue,
  quantised,
  type RunToShare,
  sharesOf,
} from '../../src/links/digest.ts';
import { decodeShare, encodeShare, mostCharacters, writeShare } from '../../src/links/share.ts';
import { fixedSteps } from '../../src/links/steps.ts';
import type { Series } from '../../src/runs/record.ts';

function noise(i: number): number {
  return mix32(i) / 2 ** 32 - 0.5;
}

/** A loss as a small model's, with the noise of its batches. */
function losses(steps: number, seed = 0): Series {
  const values = Float32Array.from(
    { length: steps },
    (_, i) => 2.1 + 3.4 * Math.exp(-i / 300) + 0.4 * noise(seed * 1e6 + i),
  );
  return { firstStep: 1, steps: null, values };
}

function validation(steps: number, every: number): Series {
  const at = Float64Array.from({ length: Math.floor(steps / every) }, (_, i) => every * (i + 1));
  return {
    firstStep: every,
    steps: at,
    values: Float32Array.from(at, (s) => 2.2 + 300 / (s + 99)),
  };
}

/** Ten edits, two of which are surgeries. */
function edited(seed: number): Experiment {
  const base = applyChange(DEFAULTS_V1, {
    'seeds.init': seed,
    'data.hash': 'ab19'.repeat(16),
    'batch.B': 16,
  });
  let run = base;
  for (let i = 0; i < 8; i++)
    run = recordEvent(run, 70 * i + 30, {
      'optimizer.lr': 0.003 / (i + 1),
      'router.K': 1 + (i % 2),
    });
  const grown = [...base.experts.slots, { kind: 'ffn', hidden: 77 } as const];
  run = recordEvent(run, 620, {
    'experts.slots': grown,
    surgery: { from: { default: [0, 1, 2, 3, 4, 5, 6, 7, 0] } },
  });
  return recordEvent(run, 700, {
    'experts.slots': grown.slice(1),
    surgery: { from: { default: [1, 2, 3, 4, 5, 6, 7, 8] } },
  });
}

function runOf(steps: number, seed = 0): RunToShare {
  return {
    row: {
      name: `Run ${seed}, ${steps} steps`,
      version: '0.1.0',
      adapter: {
        description: 'NVIDIA ada-lovelace',
        isSoftware: false,
        needs: { buffer: 134_217_728, binding: 134_217_728, total: 1_234_567_890 },
      },
      experiment: edited(seed),
    },
    curves: { ce: losses(steps, seed), validation: validation(steps, 50) },
    loads: Array.from({ length: 4 }, (_, layer) => ({
      layer,
      shares: sharesOf(
        Array.from({ length: 8 }, (_, r) => 100 + (mix32(layer * 8 + r + seed) % 90)),
      ),
    })),
  };
}

describe('the length of a link', () => {
  test.each([100, 1000, 20_000])('of one run of %i steps and ten edits is below 2,000', (steps) => {
    const fragment = encodeShare([runOf(steps)], [['room', 'routing']]);
    expect(fragment.length).toBeLessThan(mostCharacters(1));
    expect(mostCharacters(1)).toBeLessThan(2000);
    const [result] = decodeShare(fragment).results;
    expect(result?.training.steps.length).toBeGreaterThanOrEqual(Math.min(steps, 96));
    expect(result?.fixed.length).toBe(16);
  });

  test('of eight runs of their own is below 8,000', () => {
    const runs = Array.from({ length: 8 }, (_, seed) => runOf(2000 + seed, seed));
    const fragment = encodeShare(runs);
    expect(fragment.length).toBeLessThan(mostCharacters(8));
    expect(mostCharacters(8)).toBeLessThan(8000);
    const decoded = decodeShare(fragment);
    expect(decoded.experiments).toEqual(runs.map(({ row }) => row.experiment));
    for (const result of decoded.results)
      expect(result?.training.steps.length).toBeGreaterThanOrEqual(96);
  });

  test('of more than eight runs, or of none, is refused', () => {
    const run = runOf(10);
    expect(() => encodeShare(Array.from({ length: 9 }, () => run))).toThrow(/9 runs.*1 to 8/);
    expect(() => encodeShare([])).toThrow(/0 runs/);
  });
});

describe('the check sum', () => {
  test('stands first and leaves what follows as it was', () => {
    const experiment = edited(3);
    const link = encodeSealed(experiment, [['room', 'cost']]);
    expect(link).toMatch(/^c=[A-Za-z]{8}&v=1&/);
    expect(link.slice(link.indexOf('&') + 1)).toBe(`${encodeLink(experiment)}&room=cost`);
    expect(decodeLink(link)).toEqual({ experiment, problems: [] });
  });

  test('survives what programs do to links', () => {
    const link = encodeSealed(applyChange(DEFAULTS_V1, { 'data.mix': { prose: 1, code: 2 } }));
    const expected = decodeLink(link);
    expect(expected.problems).toEqual([]);
    for (const form of [`#${link}`, `https://x.org/a/?b=1#${link}`, `lab/?a=1#${link}`])
      expect(decodeLink(form)).toEqual(expected);
    expect(decodeLink(encodeURIComponent(link))).toEqual(expected);
    expect(decodeLink(` ${link}\n`)).toEqual(expected);
  });

  test('tells of a link that was cut, and lets nothing of it be opened', () => {
    const link = encodeSealed(applyChange(DEFAULTS_V1, { 'optimizer.totalSteps': 20_000 }));
    expect(link).toMatch(/n=20000$/);
    const cut = link.slice(0, -2);
    expect(sealOf(cut)).toBe('broken');
    const { experiment, problems } = decodeLink(cut);
    expect(experiment).toEqual(DEFAULTS_V1);
    expect(problems).toMatchObject([{ path: '', severity: 'error' }]);
    expect(problems[0]?.message).toMatch(/cut or changed/);
    expect(decodeShare(cut).experiments).toEqual([]);
  });

  test('is asked of no link that has none', () => {
    expect(decodeLink('v=1&n=200').problems).toEqual([]);
    expect(sealOf('v=1&n=200')).toBe('none');
  });

  test('vouches for results: a link without it shows none', () => {
    const link = encodeShare([runOf(20)]);
    const open = link.slice(link.indexOf('&') + 1);
    const { experiments, results, problems } = decodeShare(open);
    expect(experiments).toEqual([edited(0)]);
    expect(results).toEqual([null]);
    expect(problems[0]?.message).toMatch(/without a check sum/);
  });

  test('has keys that no setting has', () => {
    const keys = SETTINGS.map(({ key }) => key);
    for (const key of ['c', 'm', 'r', 'v', 'z', 'room']) expect(keys).not.toContain(key);
  });

  test('is of a hash whose first half tells any change of one word', () => {
    const words = Array.from({ length: 40 }, (_, i) => mix32(i));
    const [whole] = hash64(40, (i) => words[i]!);
    for (let at = 0; at < 40; at++)
      for (let bit = 0; bit < 32; bit++)
        expect(hash64(40, (i) => words[i]! ^ (i === at ? 1 << bit : 0))[0]).not.toBe(whole);
  });
});

describe('results', () => {
  test('have the losses bit for bit at 16 steps: 1, 2, 4 … last', () => {
    const run = runOf(100);
    const { fixed, firstStep, lastStep } = digestRun(run, 48);
    expect([firstStep, lastStep]).toEqual([1, 100]);
    const steps = fixed.map(({ step }) => step);
    expect(steps).toHaveLength(16);
    expect(steps).toEqual(expect.arrayContaining([1, 2, 4, 8, 16, 32, 64, 100]));
    for (const { step, bits } of fixed) expect(bits).toBe(bitsOf(run.curves.ce!.values[step - 1]!));
  });

  test.each([
    [1, 1, [1]],
    [1, 5, [1, 2, 3, 4, 5]],
    [401, 403, [401, 402, 403]],
  ])('from step %i to %i they are those of %j', (first, last, expected) => {
    expect(fixedSteps(first, last)).toEqual(expected);
  });

  test.each([17, 100, 4096, 32_768, 65_537, 10_000_000])('of %i steps are 16', (last) => {
    const steps = fixedSteps(1, last);
    expect(steps).toHaveLength(16);
    expect([...new Set(steps)].sort((a, b) => a - b)).toEqual(steps);
    expect([steps[0], steps.at(-1)]).toEqual([1, last]);
  });

  test('have curves within half a quantum, and know what is not finite', () => {
    const series = losses(500);
    series.values[7] = Number.NaN;
    const curve = quantised(series, 500);
    curve.levels.forEach((level, i) => {
      const value = levelValue(curve, level);
      if (i === 7) expect(value).toBeNaN();
      else expect(Math.abs(value - series.values[i]!)).toBeLessThanOrEqual(0.501 * curve.quantum);
    });
    expect(curve.quantum).toBeLessThan(0.002);
  });

  test('have a digest that one bit of one loss changes', () => {
    const [training, valid] = [losses(300), validation(300, 50)];
    const whole = digestOf(training, valid);
    expect(whole).toMatch(/^[0-9a-f]{16}$/);
    const other = losses(300);
    new Uint32Array(other.values.buffer)[123]! ^= 1;
    expect(digestOf(other, valid)).not.toBe(whole);
    const later = { ...valid, values: valid.values.map((v, i) => (i === 3 ? v + 1e-6 : v)) };
    expect(digestOf(training, later)).not.toBe(whole);
  });

  test('have the loads of the last step, in thousandths', () => {
    const assignments = Uint32Array.of(9, 9, 9, 9, 3, 1, 2, 2);
    const layer = { layer: 2, R: 2, W: 2, assignments };
    const records = { firstStep: 1, n: 2, scalars: new Float32Array(0), layers: [layer] };
    expect(finalLoads(records as never)).toEqual([{ layer: 2, shares: [625, 375] }]);
  });

  test.each([
    ['of another format', [2, 1], /format 2.*reads 1/],
    ['that end early', [1, 1, 3, 65], /end after 4 bytes/],
    ['of another number of runs', [1, 2], /of 2 runs, and the link has 1/],
    ['with a name that is no text', [1, 1, 1, 255], /a name is no text/],
    ['with an endless name', [1, 1, 255, 255, 255, 255, 15], /a name is .* at most 120/],
  ])('%s are told and left out, and the experiment is kept', (_, bytes, says) => {
    const link = writeShare({ experiments: [edited(1)], results: [null] }, [
      ['r', packBytes(Uint8Array.from(bytes))],
    ]);
    const { experiments, results, problems } = decodeShare(link);
    expect(experiments).toEqual([edited(1)]);
    expect(results).toEqual([null]);
    expect(problems.map(({ message }) => message).join()).toMatch(says);
  });
});

test('nothing is unpacked beyond its ceiling', () => {
  expect(unpackBytes(packBytes(new Uint8Array(1000)))).toHaveLength(1000);
  expect(() => unpackBytes(packBytes(new Uint8Array(MAX_UNPACKED + 1)))).toThrow(/holds more than/);
  expect(MAX_UNPACKED).toBeLessThanOrEqual(1 << 22);
});

describe('published links of runs keep their meaning for good', () => {
  const folder = new URL('../fixtures/shares/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  test.each(names)('%s', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const expected = readFileSync(new URL(name.replace('.txt', '.json'), folder), 'utf8');
    const { experiments, ...rest } = JSON.parse(expected) as { experiments: object[] };
    const decoded = decodeShare(text);
    // What the link's time had no setting for is at its frozen default.
    const today = experiments.map((written) => parseExperiment(written).experiment);
    expect(decoded).toEqual({ experiments: today, ...rest, problems: [] });
    expect(decoded.experiments).toMatchObject(experiments);
  });
  test('there are some', () => expect(names.length).toBeGreaterThan(2));
});
