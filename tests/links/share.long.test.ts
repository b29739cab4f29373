import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../src/config/parse.ts';
import { decodeLink, encodeSealed } from '../../src/config/permalink.ts';
import { digestRun } from '../../src/links/digest.ts';
import { decodeShare, encodeShare, writeShare } from '../../src/links/share.ts';
import { experiments } from '../config/arbitrary.ts';
import { casesOf } from '../support/long.ts';
import { BOMBS, changed, comparisons, hostile, resealed, runs } from './arbitrary.ts';

const VIEW = [
  ['room', 'cost'],
  ['page.scrub', '7'],
] as const;

/** What one link may take, in milliseconds of the processor. */
const MOST_MS = 50;

function processorMs(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Decodes a link, which must end in time, with legal experiments, and leave the language as it is. */
function decodesSafely(link: string): void {
  let decoded = decodeShare('');
  // A garbage collection may fall into one of them.
  const times = [0, 0, 0].values();
  let least = Number.POSITIVE_INFINITY;
  for (const _ of times) {
    least = Math.min(
      least,
      processorMs(() => {
        decoded = decodeShare(link);
      }),
    );
    if (least < MOST_MS) break;
  }
  expect(least, link.slice(0, 200)).toBeLessThan(MOST_MS);
  for (const experiment of decoded.experiments)
    expect(parseExperiment(experiment).problems).toEqual([]);
  expect(decoded.results.length).toBe(decoded.experiments.length);
}

test('random experiments and comparisons come back exactly, with their results', () => {
  fc.assert(
    fc.property(comparisons, fc.constantFrom([], VIEW), (shared, view) => {
      const experiments = shared.map(({ row }) => row.experiment);
      const results = shared.map((run) => digestRun(run, 24));
      expect(decodeShare(writeShare({ experiments, results }, view))).toEqual({
        experiments,
        results,
        problems: [],
      });
      const fitted = decodeShare(encodeShare(shared, view));
      expect(fitted).toMatchObject({ experiments, problems: [] });
      fitted.results.forEach((result, i) => {
        if (result !== null) expect(result).toMatchObject({ digest: results[i]?.digest });
      });
    }),
    { seed: 11, numRuns: casesOf(10_000, 60) },
  );
});

describe('a link with a check sum', () => {
  const links = fc.sample(
    fc.oneof(
      fc.tuple(experiments, fc.constantFrom([], VIEW)).map(([e, view]) => encodeSealed(e, view)),
      runs.map((run) => encodeShare([run], VIEW)),
      fc.array(runs, { minLength: 2, maxLength: 3 }).map((several) => encodeShare(several)),
    ),
    { seed: 5, numRuns: casesOf(1000, 12) },
  );

  /** Whether what comes of a changed link tells that it was. */
  const isNoticed = (link: string) => decodeLink(link).problems.length > 0;

  test('is told to be changed by any other character at any place', () => {
    const letters = ['A', 'a', 'c', 'D', 'v', 'z', '0', '7', '.', '=', '&', '#', '%', ' ', '<'];
    let quiet: string[] = [];
    for (const link of links) {
      expect(isNoticed(link)).toBe(false);
      for (let i = 0; i < link.length; i++) {
        // All of the head, where keys are; of the rest every place with some of them.
        const others = i < 14 ? letters : [letters[i % 15]!, letters[(i + 7) % 15]!];
        for (const letter of [...others, swapped(link[i]!)]) {
          if (letter === link[i]) continue;
          const other = link.slice(0, i) + letter + link.slice(i + 1);
          if (!isNoticed(other)) quiet = [...quiet, `${i}: ${other.slice(0, 100)}`];
        }
      }
    }
    expect(quiet).toEqual([]);
  });

  test('is told to be cut at any place', () => {
    const quiet = links.flatMap((link) =>
      Array.from({ length: link.length - 1 }, (_, i) => link.slice(0, i + 1))
        .filter((cut) => !isNoticed(cut))
        .map((cut) => cut.slice(-100)),
    );
    expect(quiet).toEqual([]);
  });

  test('never opens as another experiment', () => {
    const [link = ''] = links;
    const whole = decodeLink(link).experiment;
    for (let i = 1; i < link.length; i++) {
      const { experiments } = decodeShare(link.slice(0, i));
      for (const experiment of i < 10 ? [] : experiments) expect(experiment).toEqual(whole);
    }
  });
});

function swapped(letter: string): string {
  return letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
}

describe('links that were mutated, cut or made to harm', () => {
  test.each(BOMBS.map((bomb, i) => [i, bomb] as const))('bomb %i is refused at once', (_, bomb) => {
    for (const key of ['z', 'm', 'r']) {
      decodesSafely(`v=1&${key}=${bomb}`);
      decodesSafely(`c=AAAAAAAA&v=1&${key}=${bomb}`);
    }
  });

  test('each give a list of problems or the experiment, in time', () => {
    const links = fc.oneof(
      hostile,
      comparisons.map((shared) => encodeShare(shared, VIEW)).chain(changed),
      comparisons.map((shared) => encodeShare(shared)).chain(resealed),
      experiments.map((experiment) => encodeSealed(experiment)).chain(changed),
      experiments.map((experiment) => encodeSealed(experiment)).chain(resealed),
    );
    fc.assert(fc.property(links, decodesSafely), {
      seed: 3,
      numRuns: casesOf(100_000, 250),
    });
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Reflect.get({}, 'x')).toBe(undefined);
  });
});
