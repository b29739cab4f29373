import { useCallback, useRef, useState } from 'react';
import { useLab } from '../useLab.tsx';
import type { FileRun } from './readAway.ts';

/** A file that is being read. */
export interface Reading {
  name: string;
  /** Part that was read, 0 … 1. */
  part: number;
}

/**
 * Reads the curves of files, one after the other, and says what is wrong with them.
 * @param take takes the runs of a file; what it throws is told under the file's name
 */
export function useCurveFiles(take: (file: string, runs: readonly FileRun[]) => unknown): {
  reading: Reading | null;
  add: (files: readonly File[]) => Promise<void>;
  cancel: () => void;
} {
  const { view } = useLab();
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
          await take(name, await readAway(file, hear, controller.signal));
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
    [take, view],
  );
  const cancel = useCallback(() => stop.current?.abort(), []);
  return { reading, add, cancel };
}
