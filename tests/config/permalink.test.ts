import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { PRESETS } from '../../src/config/presets.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import { experiments } from './arbitrary.ts';

const link = (change: Change): string => encodeLink(applyChange(DEFAULTS_V1, change));

test('random experiments come back exactly', () => {
  fc.assert(
    fc.property(experiments, (experiment) => {
      expect(decodeLink(encodeLink(experiment))).toEqual({ experiment, problems: [] });
    }),
    { numRuns: 300 },
  );
});

test.each(PRESETS.map(({ id, experiment }) => [id, experiment] as const))(
  'preset %s comes back exactly',
  (_, experiment) => {
    expect(decodeLink(encodeLink(experiment))).toEqual({ experiment, problems: [] });
  },
);

test('the default experiment is its version alone', () => {
  expect(encodeLink(DEFAULTS_V1)).toBe('v=1');
  expect(decodeLink('')).toEqual({ experiment: DEFAULTS_V1, problems: [] });
});

test.each<[Change, string]>([
  [{ 'seeds.init': 7, 'model.D': 96 }, 'v=1&D=96&si=7'],
  [{ 'optimizer.lr': 1e6, 'optimizer.eps': 1e-5 }, 'v=1&lr=1e6&eps=1e-5'],
  [{ 'losses.switch.alpha': null, 'losses.heterogeneous.beta': 0.01 }, 'v=1&alpha=none&beta=0.01'],
  [{ 'model.arrangement': [1, 3], 'model.tied': true }, 'v=1&tied=1&arr=1,3'],
  [{ 'data.mix': { prose: 1, code: 2.5 } }, 'v=1&mix=prose:1,code:2.5'],
  [{ 'experts.perLayer': { 2: [{ kind: 'copy' }, { kind: 'copy' }] } }, 'v=1&xl=2:k2'],
  [
    {
      'router.policy': [null, { kind: 'top-3' }, { kind: 'dynamic', alpha: 0.5, beta: 0.25 }],
    },
    'v=1&pol=-,3,d0.5_0.25',
  ],
])('%j is %s', (change, expected) => {
  expect(link(change)).toBe(expected);
});

test('slots are written by runs', () => {
  const ffn = (hidden: number) => ({ kind: 'ffn', hidden });
  const negated = (of: number) => ({ kind: 'negated', of });
  const slots = [ffn(256), ffn(256), ffn(64), negated(0), negated(1), negated(0), { kind: 'zero' }];
  expect(
    link({ 'experts.slots': [...slots, { kind: 'zero' }, { kind: 'constant' }, { kind: 'copy' }] }),
  ).toBe('v=1&x=2x256.64.n0-1.n0.z2.c.k');
});

test('events are readable too', () => {
  const run = recordEvent(
    recordEvent(DEFAULTS_V1, 20, { 'optimizer.lr': 0.001, 'router.K': 1 }),
    40,
    { 'router.gate': 'softmax', 'router.capacity': null },
  );
  expect(encodeLink(run)).toBe('v=1&e=20:K=1~lr=0.001;40:gate=softmax~cap=none');
});

test('long links are packed when that saves a fifth', () => {
  const events = Array.from({ length: 60 }, (_, i) => [i + 1, { 'optimizer.lr': (i + 1) / 1000 }]);
  const experiment = applyChange(DEFAULTS_V1, { events });
  const packed = encodeLink(experiment);
  expect(packed).toMatch(/^v=1&z=[A-Za-z0-9_-]+$/);
  expect(decodeLink(packed)).toEqual({ experiment, problems: [] });
});

test('links survive being pasted whole, with a #, or with escaped characters', () => {
  const fragment = 'v=1&mix=prose:1,code:2&e=20:lr=0.001';
  const expected = decodeLink(fragment);
  expect(expected.problems).toEqual([]);
  expect(decodeLink(`https://example.org/lab/#${fragment}`)).toEqual(expected);
  expect(decodeLink(`#${fragment}`)).toEqual(expected);
  expect(decodeLink(encodeURIComponent(fragment))).toEqual(expected);
});

describe('damaged links', () => {
  test.each([
    ['v=1&D=abc', 'model.D', '"abc"'],
    ['v=1&D=99999', 'model.D', '99999'],
    ['v=1&nope=3', 'nope', 'nope=3'],
    ['v=1&D=64&D=32', 'D', 'twice'],
    ['v=1&D', 'D', 'no value'],
    ['v=2&D=64', 'version', '2'],
    ['D=64', 'version', 'no version'],
    ['v=1&x=8x', 'experts.slots', '"8x"'],
    ['v=1&x=999999999x8', 'experts.slots', '999999999x8'],
    ['v=1&x=100x8', 'experts.slots', '100 slots'],
    ['v=1&x=n5-2', 'experts.slots', 'n5-2'],
    ['v=1&mix=prose:1,prose:2', 'data.mix', 'prose:1,prose:2'],
    ['v=1&mix=songs:1', 'data.mix', 'songs'],
    ['v=1&xl=__proto__:8x8', 'experts.perLayer', 'layer indices'],
    ['v=1&__proto__=1', '__proto__', 'unknown'],
    ['v=1&e=5:D=64', 'events', 'cannot change'],
    ['v=1&e=5:__proto__=64', 'events', 'not a setting'],
    ['v=1&e=x', 'events', 'not [step'],
    ['v=1&D=64&', 'link', 'cut short'],
    ['v=1&&D=64', 'link', 'missing'],
    ['v=1&lr=', 'optimizer.lr', '"" is not allowed; it must be a number from'],
    ['v=1&e=5:', 'events', 'event at step 5 changes nothing'],
    ['v=1&e=5:K=1;', 'events', 'not [step'],
    ['v=1&e=9:K=1;5:K=2', 'events', 'event 2 at step 5 stands after one at step 9'],
    ['v=1&x=9999x128', 'experts.slots', '"9999x128" is not allowed; it must be 1 to 64 slots'],
    ['v=1&z=!!!!', '', 'damaged ("!" is no sign of a packed link)'],
    ['v=1&z=AAAAA', '', 'damaged (a sign is missing or too many)'],
    ['v=1&z=AAAA', '', 'damaged (it is cut short, or its letters were changed)'],
  ])('%s', (text, path, says) => {
    const { experiment, problems } = decodeLink(text);
    expect(problems.map((problem) => problem.path)).toContain(path);
    expect(problems.map(({ message }) => message).join('\n')).toContain(says);
    expect(parseExperiment(experiment).problems).toEqual([]);
  });

  test('a message is a sentence: no setting is answered with JSON', () => {
    for (const { key, kind } of SETTINGS) {
      if (kind === 'events') continue;
      const { problems } = decodeLink(`v=1&${key}=?`);
      const [problem] = problems;
      expect(problem?.message, key).toMatch(/"\?" is not allowed; it must be .+ is used instead$/);
      expect(problem?.message, key).not.toMatch(/[[\]{}]/);
    }
  });

  test('a packed link is noticed to be changed whichever letter has another case', () => {
    const events = Array.from({ length: 60 }, (_, i) => [i + 1, { 'optimizer.lr': (i + 1) / 1e3 }]);
    const packed = encodeLink(applyChange(DEFAULTS_V1, { events }));
    let flips = 0;
    for (let i = packed.indexOf('z=') + 2; i < packed.length; i++) {
      const letter = packed[i] ?? '';
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      if (other === letter) continue;
      flips++;
      const { problems } = decodeLink(packed.slice(0, i) + other + packed.slice(i + 1));
      expect(problems.length, `letter ${i}`).toBeGreaterThan(0);
    }
    expect(flips).toBeGreaterThan(200);
  });

  test('no text makes decoding throw, and what comes out is legal', () => {
    const key = fc.constantFrom('v', 'z', '__proto__', ...SETTINGS.map((setting) => setting.key));
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[0-9a-z.,:;~=_-]{0,30}$/),
      fc.base64String(),
    );
    const fragment = fc
      .array(fc.tuple(key, text))
      .map((pairs) => pairs.map(([k, value]) => `${k}=${value}`).join('&'));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fragment), (input) => {
        const { experiment } = decodeLink(input);
        expect(parseExperiment(experiment)).toEqual({ experiment, problems: [] });
      }),
      { numRuns: 500 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('published links keep their meaning for good', () => {
  const folder = new URL('../fixtures/links/', import.meta.url);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => name.slice(0, -'.txt'.length));
  test.each(names)('%s', (name) => {
    const text = readFileSync(new URL(`${name}.txt`, folder), 'utf8');
    const expected: unknown = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
    const decoded = decodeLink(text);
    // What the link's time had no setting for is at its frozen default.
    expect(decoded).toEqual({ experiment: parseExperiment(expected).experiment, problems: [] });
    expect(decoded.experiment).toMatchObject(expected as object);
  });
  test('there are some', () => expect(names.length).toBeGreaterThan(3));
});
