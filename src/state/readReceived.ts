/** Runs of a link as the page draws them; loaded with the first link that has any. */
import type { Experiment } from '../config/experiment.ts';
import { levelValue, type QuantisedCurve, type RunDigest } from '../links/digest.ts';
import { decodeShare } from '../links/share.ts';
import type { Curve } from './curve.ts';

export interface ReceivedRun {
  name: string;
  experiment: Experiment;
  /** Null where the link told of none. */
  result: RunDigest | null;
  /** As far as the link tells; null where it does not. */
  training: Curve | null;
  validation: Curve | null;
}

export interface ReceivedRuns {
  runs: readonly ReceivedRun[];
  /** What of the link could not be read. */
  problems: readonly string[];
}

function curveOf(curve: QuantisedCurve): Curve | null {
  const { steps, levels } = curve;
  if (steps.length === 0) return null;
  return {
    firstStep: steps[0]!,
    steps: Float64Array.from(steps),
    values: Float32Array.from(levels, (level) => levelValue(curve, level)),
  };
}

function nameOf(result: RunDigest | null, i: number, n: number): string {
  const name = result?.name.trim() ?? '';
  if (name !== '') return name;
  return n > 1 ? `Received run ${i + 1}` : 'Received run';
}

/** Of runs of one name the later have a number behind it. */
function unlike(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let i = 2; taken.has(own); i++) own = `${name} (${i})`;
    taken.add(own);
    return own;
  });
}

export function readReceived(fragment: string): ReceivedRuns {
  const { experiments, results, problems } = decodeShare(fragment);
  const names = unlike(
    experiments.map((_, i) => nameOf(results[i] ?? null, i, experiments.length)),
  );
  const runs = experiments.map((experiment, i): ReceivedRun => {
    const result = results[i] ?? null;
    return {
      name: names[i]!,
      experiment,
      result,
      training: result && curveOf(result.training),
      validation: result && curveOf(result.validation),
    };
  });
  return { runs, problems: problems.map(({ message }) => message) };
}
