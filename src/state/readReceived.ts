/** What a link tells besides its experiment, as the page draws it; loaded with the first that tells it. */
import { decodeConversionLink, type LinkedConversion } from '../config/conversionLink.ts';
import type { Experiment } from '../config/experiment.ts';
import { hasRuns } from '../config/permalink.ts';
import { levelValue, type QuantisedCurve, type RunDigest } from '../links/digest.ts';
import { decodeShare } from '../links/share.ts';
import type { Curve } from './curve.ts';
import { unlike } from './keptRuns.ts';

export interface ReceivedRun {
  name: string;
  experiment: Experiment;
  /** Null where the link told of none. */
  result: RunDigest | null;
  /** As far as the link tells; null where it does not. */
  training: Curve | null;
  validation: Curve | null;
}

/** A conversion that can be replayed, and the link that names it. */
export interface ReceivedConversion extends LinkedConversion {
  link: string;
}

export interface ReceivedRuns {
  runs: readonly ReceivedRun[];
  conversion: ReceivedConversion | null;
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

function readRuns(fragment: string): Omit<ReceivedRuns, 'conversion'> {
  if (!hasRuns(fragment)) return { runs: [], problems: [] };
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

export function readReceived(fragment: string): ReceivedRuns {
  const { runs, problems } = readRuns(fragment);
  const { conversion, problems: refused } = decodeConversionLink(fragment);
  const told = refused.map(({ message }) => message);
  return {
    runs,
    problems: [...new Set([...problems, ...told])],
    conversion: conversion && { ...conversion, link: fragment },
  };
}
