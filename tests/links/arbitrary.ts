/** Random runs to be shared, and links that somebody has changed. */
import fc from 'fast-check';
import { sealed, unsealed } from '../../src/config/checkSum.ts';
import { packBytes, packText } from '../../src/config/packing.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import type { RunToShare } from '../../src/links/digest.ts';
import { MAX_RUNS } from '../../src/links/share.ts';
import type { Series } from '../../src/runs/record.ts';
import { experiments } from '../config/arbitrary.ts';

const loss = fc.oneof(
  { weight: 20, arbitrary: fc.float({ min: 0, max: 12, noNaN: true }) },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, 3.4e38, 1e-40),
);

const dense: fc.Arbitrary<Series> = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.array(loss, { maxLength: 60 }), fc.boolean())
  .map(([firstStep, values, isFromStart]) => ({
    firstStep: isFromStart ? 1 : firstStep,
    steps: null,
    values: Float32Array.from(values),
  }));

const sparse: fc.Arbitrary<Series> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 90 }), loss), { maxLength: 12 })
  .map((points) => {
    let step = 0;
    const steps = Float64Array.from(points, ([gap]) => {
      step += gap;
      return step;
    });
    return { firstStep: steps[0] ?? 0, steps, values: Float32Array.from(points, ([, y]) => y) };
  });

const bytes = fc.integer({ min: 0, max: 2 ** 40 });
const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('Run 3, 1,500 steps', '<b onload=x>', '__proto__', '😀'.repeat(60)),
);

export const runs: fc.Arbitrary<RunToShare> = fc.record({
  row: fc.record({
    name: names,
    version: fc.constantFrom('0.1.0', '', '12.34.56-beta'),
    adapter: fc.option(
      fc.record({
        description: names,
        isSoftware: fc.boolean(),
        needs: fc.record({ buffer: bytes, binding: bytes, total: bytes }),
      }),
    ),
    experiment: experiments,
  }),
  curves: fc.record({ ce: dense, validation: sparse }, { requiredKeys: [] }),
  loads: fc.uniqueArray(
    fc.record({
      layer: fc.integer({ min: 0, max: 127 }),
      shares: fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 16 }),
    }),
    { maxLength: 4, selector: ({ layer }) => layer },
  ),
});

export const comparisons = fc.oneof(
  fc.tuple(runs),
  fc.array(runs, { minLength: 1, maxLength: MAX_RUNS }),
);

/** Characters that links are made of, those that mean something in an address, and others. */
const SIGNS = [...'ABCXYZabcdeklmnrvxz0123456789-_.~=&;:,#%?+/<>"\'\\ \u0000\n\u2028é\ud83d'];
const sign = fc.constantFrom(...SIGNS);

/** One place of a text changed, cut, doubled or grown. */
export function changed(text: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: Math.max(0, text.length - 1) });
  return fc.oneof(
    fc.tuple(place, sign).map(([i, to]) => text.slice(0, i) + to + text.slice(i + 1)),
    place.map((i) => text.slice(0, i)),
    place.map((i) => text.slice(i)),
    fc.tuple(place, sign).map(([i, to]) => text.slice(0, i) + to + text.slice(i)),
    fc
      .tuple(place, place)
      .map(([i, j]) => text.slice(0, Math.min(i, j)) + text.slice(Math.max(i, j))),
    fc
      .tuple(place, place)
      .map(([i, j]) => text.slice(0, Math.max(i, j)) + text.slice(Math.min(i, j))),
  );
}

/** What somebody who computes check sums makes of a link. */
export function resealed(link: string): fc.Arbitrary<string> {
  return changed(unsealed(link).text).map(sealed);
}

const EVIL = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty.call',
  '<script>attacked=1</script>',
  '"><img src=x onerror=attacked=1>',
  'javascript:attacked=1',
  '1e999',
  '-1e999',
  '9'.repeat(400),
  '0x1p9',
  '99999999999999999999x99999999999',
  '64x65536',
  '4096x65536',
  'n0-4294967295',
  'd:0-4294967295',
  'NaN',
  '%00',
  '\u0000',
  '1:sg=d:0-63',
  ';'.repeat(20_000),
  ','.repeat(20_000),
  '~'.repeat(20_000),
  '&'.repeat(20_000),
  '9'.repeat(200_000),
];

/** Packed in so many ways that unpacking is dear. */
export const BOMBS: readonly string[] = [
  packBytes(new Uint8Array(1 << 26)),
  packBytes(new Uint8Array((1 << 20) + 1).fill(0x26)),
  packText('&'.repeat(1_000_000)),
  packText(`v=1&e=${';'.repeat(1_000_000)}`),
  packText(`v=1&e=${'5:lr=x;'.repeat(9_999)}`),
  packText(`v=1&e=${`5:${'a~'.repeat(40)};`.repeat(9_999)}`),
  packText(`v=1&e=1:${'lr=1~'.repeat(200_000)}`),
  packText(`v=1&e=${'5:sg=d:0-4000;'.repeat(9_999)}`),
  packText(`v=1&e=${'5:x=4000x128~sg=d:0-63;'.repeat(9_999)}`),
  packText(`v=1&xl=${'1:4000x8,'.repeat(100_000)}`),
  packText('v=1\n'.repeat(250_000)),
  packText(`${'v=1&e='.padEnd(10_000, '5:lr=x;')}\n`.repeat(100)),
  packBytes(Uint8Array.from({ length: 60_000 }, (_, i) => (i * 2_654_435_761) >>> 13)),
  // Results of a format that is read, with counts that go on.
  packBytes(new Uint8Array(40_000).fill(0xff).fill(1, 0, 2)),
  packBytes(new Uint8Array(1 << 19).fill(1)),
];

const keys = fc.constantFrom(
  ...['c', 'v', 'm', 'r', 'z', 'room', 'page.zoom', '__proto__', '__proto__.x', 'constructor'],
  ...SETTINGS.map(({ key }) => key),
);
const pair = fc.tuple(
  keys,
  fc.oneof(
    fc.constantFrom(...EVIL),
    fc.constantFrom(...EVIL.slice(0, 16)),
    fc.stringMatching(/^[0-9a-z.,:;~=_-]{0,30}$/),
    fc.string({ unit: 'binary', maxLength: 20 }),
  ),
);

/** Links that nobody's page wrote. */
export const hostile: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(
      pair.map((both) => both.join('=')),
      { maxLength: 6 },
    ),
    fc.constantFrom('', 'v=1'),
    fc.option(
      fc.tuple(fc.constantFrom('z', 'm', 'r'), fc.constantFrom(...BOMBS)).map((b) => b.join('=')),
      { freq: 4 },
    ),
    fc.boolean(),
  )
  .map(([pairs, version, bomb, isSealed]) => {
    const parts = [version, ...pairs, bomb ?? ''].filter((part) => part !== '').join('&');
    return isSealed ? sealed(parts) : parts;
  });
