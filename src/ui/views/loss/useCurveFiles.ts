import { useCallback, useRef, useState } from 'react';
import { type KeptState, MAX_KEPT } from '../../../state/keptRuns.ts';
import { useLab } from '../../kit/useLab.tsx';
import type { FileRun } from './readAway.ts';

/** A file that is being read. */
export interface Reading {
  name: string;
  /** Part that was read, 0 … 1. */
  part: number;
}

/** Keeps the runs of a file as long as there is room. @throws RangeError where some were left out */
function keepAll(kept: KeptState, file: string, runs: readonly FileRun[], room: number): void {
  for (const { name, ...curves } of runs.slice(0, room)) {
    const own = name ?? file.replace(/\.csv$/i, '');
    kept.keep({ ...curves, name: own, tokensPerStep: null, link: null });
  }
  if (runs.length > room)
    throw new RangeError(
      `it holds ${runs.length} runs; ${room} of them fit beside the ${MAX_KEPT - room} there are (at most ${MAX_KEPT})`,
    );
}

/** Adds the curves of files, one after the other, and says what is wrong with them. */
export function useCurveFiles(): {
  reading: Reading | null;
  add: (files: readonly File[]) => Promise<void>;
  cancel: () => void;
} {
  const { kept, view } = useLab();
  const [reading, setReading] = useState<Reading | null>(null);
  const stop = useRef<AbortController | null>(null);

  const add = useCallback(
    async (files: readonly File[]) => {
      const controller = new AbortController();
      stop.current = controller;
      for (const file of files) {
        if (controller.signal.aborted) break;
        const { name } = file;
        setReading({ name, part: 0 });
        let isOver = false;
        // Progress may still be on its way when the file is read or given up.
        const hear = (part: number) => {
          if (!isOver && !controller.signal.aborted) setReading({ name, part });
        };
        try {
          const { readAway } = await import('./readAway.ts');
          const runs = await readAway(file, hear, controller.signal);
          const { runs: others } = kept.getState();
          keepAll(kept.getState(), name, runs, MAX_KEPT - others.length);
        } catch (error) {
          if (controller.signal.aborted) break;
          const reason = error instanceof Error ? error.message : String(error);
          view.getState().say(`${name}: ${reason}`);
        } finally {
          isOver = true;
        }
      }
      setReading(null);
    },
    [kept, view],
  );
  const cancel = useCallback(() => stop.current?.abort(), []);
  return { reading, add, cancel };
}
