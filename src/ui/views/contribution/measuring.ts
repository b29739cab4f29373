/** Contributions of all sides, asked once: run after run, with progress, until they are cancelled. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { tokensDiffer } from '../../../analysis/sameTokens.ts';
import {
  batchesOf,
  type Look,
  type LookText,
  type ResultOf,
  type Side,
} from '../../../state/looks/looked.ts';
import { useInstruments } from '../../kit/instruments.ts';
import type { ContributionFields } from './fields.ts';

export type ContributionRequest = { figure: 'contribution' } & ContributionFields;
export type ContributionResult = ResultOf<ContributionRequest>;

/** What was measured of a side, and with which settings. */
export interface Measured {
  side: Side;
  look: Look;
  result: ContributionResult;
  asked: ContributionFields;
  /** The run that it was: a side may be the live run, whichever that is. */
  run: string;
}

export interface Progress {
  name: string;
  /** Passes made, of all of this run's. */
  done: number;
  total: number;
  /** Null while nothing tells. */
  secondsLeft: number | null;
  /** Runs that come after this one. */
  waiting: number;
}

export interface Measuring {
  measured: readonly Measured[];
  /** Null while nothing is measured. */
  progress: Progress | null;
  problem: string | null;
  start(sides: readonly Side[], text: LookText, asked: ContributionFields): Promise<void>;
  cancel(): void;
}

/** The tokens of the first run's look where they mean the same to a run; else the text. */
function textOf(side: Side, text: LookText, first: Measured | undefined): LookText {
  if (first === undefined) return text;
  const { experiment } = side.source.head;
  if (tokensDiffer(first.side.source.head.experiment, experiment) !== null) return text;
  return batchesOf(first.look, experiment.batch) as LookText;
}

/** Seconds that the passes to come take, if they take what those before took. */
function secondsLeft(begun: number, done: number, total: number): number | null {
  return done === 0 ? null : ((performance.now() - begun) / 1000 / done) * (total - done);
}

/** @param live the live run: what was measured of another one in its place is forgotten */
export function useMeasuring(live: number | null): Measuring {
  const instruments = useInstruments();
  const [measured, setMeasured] = useState<readonly Measured[]>([]);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  async function measure(
    sides: readonly Side[],
    text: LookText,
    asked: ContributionFields,
    signal: AbortSignal,
  ): Promise<void> {
    const all: Measured[] = [];
    for (const [i, side] of sides.entries()) {
      const { name } = side;
      const run = side.source.head.id;
      const waiting = sides.length - 1 - i;
      setProgress({ name, done: 0, total: 0, secondsLeft: null, waiting });
      let begun = performance.now();
      const request: ContributionRequest = { figure: 'contribution', ...asked };
      const { result, look } = await instruments.ask(side, textOf(side, text, all[0]), request, {
        signal,
        onProgress(done, total) {
          if (signal.aborted) return;
          if (done === 0) begun = performance.now();
          setProgress({ name, done, total, secondsLeft: secondsLeft(begun, done, total), waiting });
        },
      });
      signal.throwIfAborted();
      all.push({ side, look, result, asked, run });
      setMeasured([...all]);
    }
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: the live run is whose id the live source has
  const shown = useMemo(
    () => measured.filter(({ side, run }) => side.source.head.id === run),
    [measured, live],
  );
  return {
    measured: shown,
    progress,
    problem,
    async start(sides, text, asked) {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      setProblem(null);
      try {
        await measure(sides, text, asked, controller.signal);
      } catch (error) {
        if (!controller.signal.aborted)
          setProblem(error instanceof Error ? error.message : String(error));
      }
      if (running.current === controller) setProgress(null);
    },
    cancel() {
      running.current?.abort();
      running.current = null;
      setProgress(null);
    },
  };
}
