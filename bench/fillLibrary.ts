/** Fills the browser's own library with runs that nobody trained; built as a script beside the page. */
import { idbLibrary } from '../src/runs/idbLibrary.ts';
import { syntheticRun } from './syntheticRuns.ts';

export async function fillLibrary(runs: number, steps: number): Promise<void> {
  const library = await idbLibrary();
  const now = Date.now();
  for (let i = 0; i < runs; i++) {
    const { row, parts } = syntheticRun(i, steps, now);
    await library.put(row, parts, null);
  }
}
