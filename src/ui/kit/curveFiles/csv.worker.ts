/** Files of curves are read in a thread of their own: large ones take seconds. */
import { expose, transfer } from 'comlink';
import { readCurves } from '../../../state/csv/read.ts';

async function read(...args: Parameters<typeof readCurves>): ReturnType<typeof readCurves> {
  const runs = await readCurves(...args);
  const buffers = new Set<Transferable>();
  for (const { columns } of runs) {
    for (const { steps, values } of Object.values(columns)) {
      buffers.add(values.buffer);
      if (steps !== null) buffers.add(steps.buffer);
    }
  }
  return transfer(runs, [...buffers]);
}

expose({ read });
