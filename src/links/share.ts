/**
 * Runs as a link: the first experiment readable, further ones packed under `m`, results under `r`, and
 * what is shown, all behind the check sum: `c=…&v=1&D=64&m=…&r=…&room=cost`.
 */
import { sealed } from '../config/checkSum.ts';
import { newListing } from '../config/codec.ts';
import type { Experiment, Problem } from '../config/experiment.ts';
import { packBytes, packText, unpackBytes, unpackText } from '../config/packing.ts';
import {
  decodeLink,
  decodeReadable,
  encodeLink,
  readableLink,
  runPairs,
  sealOf,
  withView,
} from '../config/permalink.ts';
import { digestRun, type RunDigest, type RunToShare } from './digest.ts';
import { decodeDigests, encodeDigests } from './digestCodec.ts';

/** Runs of one link. */
export const MAX_RUNS = 8;
/** Points of a curve, the most that fit counts. */
const POINTS = [256, 192, 128, 96, 64, 48, 32, 24, 16] as const;
/** Characters that a link may have: those of one run, and of several; the rest is the page's address. */
const MOST_CHARACTERS = { one: 2000, several: 8000 } as const;
const ADDRESS_CHARACTERS = 160;

export type Pairs = readonly (readonly [key: string, text: string])[];

/** What a link holds of runs. */
export interface Shared {
  experiments: readonly Experiment[];
  /** Of each experiment; null where the link knows none. */
  results: readonly (RunDigest | null)[];
}

export interface DecodedShare extends Shared {
  problems: readonly Problem[];
}

/** Characters that the fragment of a link of so many runs may have; above that a file is better. */
export function mostCharacters(runs: number): number {
  return (runs > 1 ? MOST_CHARACTERS.several : MOST_CHARACTERS.one) - ADDRESS_CHARACTERS;
}

/** @throws RangeError for no run, or more than `MAX_RUNS` */
function checkCount(runs: number): void {
  if (runs < 1 || runs > MAX_RUNS)
    throw new RangeError(`${runs} runs in one link; 1 to ${MAX_RUNS} are allowed`);
}

/**
 * The fragment of a link as it stands.
 * @throws RangeError for no experiment, or more than `MAX_RUNS`
 */
export function writeShare({ experiments, results }: Shared, view: Pairs = []): string {
  checkCount(experiments.length);
  const [first, ...others] = experiments;
  const digests = results.filter((digest) => digest !== null);
  const pairs: [string, string][] = [];
  if (others.length > 0) pairs.push(['m', packText(others.map(readableLink).join('\n'))]);
  if (digests.length === experiments.length) pairs.push(['r', packBytes(encodeDigests(digests))]);
  return sealed(withView(encodeLink(first!), [...pairs, ...view]));
}

/**
 * The fragment of a link of runs with their results, its curves as fine as `mostCharacters` allows. The
 * caller looks whether the coarsest are still too long.
 * @param view pairs of what is shown
 * @throws RangeError for no run, or more than `MAX_RUNS`
 */
export function encodeShare(runs: readonly RunToShare[], view: Pairs = []): string {
  checkCount(runs.length);
  const experiments = runs.map(({ row }) => row.experiment);
  const hasResults = runs.some(({ curves }) => (curves.ce?.values.length ?? 0) > 0);
  if (!hasResults) return writeShare({ experiments, results: experiments.map(() => null) }, view);
  let fragment = '';
  for (const points of POINTS) {
    const results = runs.map((run) => digestRun(run, points));
    fragment = writeShare({ experiments, results }, view);
    if (fragment.length <= mostCharacters(runs.length)) break;
  }
  return fragment;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function problem(message: string): Problem {
  return { path: 'link', message, severity: 'error' };
}

/** The experiments behind the first; of one that is wrong, what is wrong with it, and no more. */
function othersOf(packed: string, problems: Problem[]): Experiment[] {
  try {
    const lines = unpackText(packed).split('\n', MAX_RUNS);
    if (lines.length >= MAX_RUNS)
      throw new RangeError(`there are more than ${MAX_RUNS} of them in all`);
    const listing = newListing();
    return lines.map((line, i) => {
      const { experiment, problems: wrong } = decodeReadable(line, listing);
      const [first] = wrong;
      if (first !== undefined) throw new RangeError(`of run ${i + 2}, ${first.message}`);
      return experiment;
    });
  } catch (cause) {
    problems.push(problem(`the other runs of the link cannot be read: ${reasonOf(cause)}`));
    return [];
  }
}

function resultsOf(packed: string, runs: number, problems: Problem[]): (RunDigest | null)[] {
  try {
    return decodeDigests(unpackBytes(packed), runs);
  } catch (cause) {
    problems.push(problem(`the results in the link cannot be read: ${reasonOf(cause)}`));
    return Array.from({ length: runs }, () => null);
  }
}

/**
 * Reads a link of runs, or of an experiment alone. Never throws. Nothing is taken of one that was cut or
 * changed since it got its check sum.
 * @param fragment a URL's fragment, with or without '#', or a whole URL
 */
export function decodeShare(fragment: string): DecodedShare {
  const first = decodeLink(fragment);
  if (sealOf(fragment) === 'broken')
    return { experiments: [], results: [], problems: first.problems };
  const problems = [...first.problems];
  const { m, r } = runPairs(fragment);
  const experiments = [first.experiment, ...(m === undefined ? [] : othersOf(m, problems))];
  const results =
    r === undefined ? experiments.map(() => null) : resultsOf(r, experiments.length, problems);
  return { experiments, results, problems };
}
