/** What the models of finished pairs lose: asked one after the other, as soon as they are there. */
import { useEffect, useMemo, useState } from 'react';
import { domainLosses, type PoolsSeed } from '../../../recipes/pools.ts';
import type { RunRow } from '../../../runs/record.ts';
import { useInstruments } from '../../kit/instruments.ts';
import { useLab } from '../../kit/useLab.tsx';
import type { Pair } from './runs.ts';

/** Validation batches that a model is asked on. */
const BATCHES = 4;

type Answer = { seed: PoolsSeed; domains: readonly string[] } | { problem: string };

export interface Measured {
  /** Of the pairs that have answered, in their order. */
  seeds: readonly PoolsSeed[];
  domains: readonly string[];
  /** What kept a pair from it; null where nothing did. */
  problem: string | null;
  /** Passes of the pair that is asked, of all; null where none is. */
  asking: readonly [done: number, total: number] | null;
}

const keyOf = ({ runs }: Pair, kept: number) => `${runs.without.id} ${runs.with.id} ${kept}`;

/** @param kept experts per layer that a domain keeps */
export function useMeasured(pairs: readonly Pair[], kept: number): Measured {
  const { library } = useLab();
  const instruments = useInstruments();
  const [known, setKnown] = useState<ReadonlyMap<string, Answer>>(new Map());
  const [passes, setPasses] = useState<readonly [number, number]>([0, 0]);
  const next = pairs.find((pair) => !known.has(keyOf(pair, kept)));
  const key = next === undefined ? null : keyOf(next, kept);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the pair
  useEffect(() => {
    if (next === undefined || key === null) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    setPasses([0, 0]);
    const ask = async ({ id, name }: RunRow, place: number) => {
      const source = await library.getState().sourceOf(id);
      if (source === null) throw new Error(`${name} could not be read`);
      return instruments.ask(
        { key: 'a', name, subject: { run: id, step: null }, source },
        { validation: BATCHES },
        { figure: 'pruning', rule: { by: 'count', most: kept }, layer: null },
        { signal, onProgress: (done, total) => setPasses([done + place * total, 2 * total]) },
      );
    };
    const work = async (): Promise<Answer> => {
      const without = await ask(next.runs.without, 0);
      const pools = await ask(next.runs.with, 1);
      const losses = { without: domainLosses(without.result), with: domainLosses(pools.result) };
      return { seed: { seed: next.seed, losses }, domains: without.look.domainNames };
    };
    work()
      .catch((error: unknown) => ({
        problem: error instanceof Error ? error.message : String(error),
      }))
      .then((answer) => {
        if (!signal.aborted) setKnown((before) => new Map(before).set(key, answer));
      });
    return () => controller.abort();
  }, [key, kept, library, instruments]);

  const answers = useMemo(
    () => pairs.flatMap((pair) => known.get(keyOf(pair, kept)) ?? []),
    [pairs, known, kept],
  );
  return useMemo(() => {
    const good = answers.flatMap((answer) => ('seed' in answer ? [answer] : []));
    const bad = answers.find((answer) => 'problem' in answer);
    return {
      seeds: good.map(({ seed }) => seed),
      domains: good[0]?.domains ?? [],
      problem: bad !== undefined && 'problem' in bad ? bad.problem : null,
      asking: key === null ? null : passes,
    };
  }, [answers, key, passes]);
}
