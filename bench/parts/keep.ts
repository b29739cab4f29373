/** What keeping a run takes of the time that it trains. */
import { EVERY_MS, TIMES_ITS_COST } from '../../src/runs/checkpointClock.ts';
import { APPEND_MS } from '../../src/runs/runRecorder.ts';
import type { CheckpointReport } from '../report.ts';
import { type ShapeName, shapeConfig } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { measureInTurn } from './rounds.ts';

/** Each is timed from end to end, though training goes on beside the storing: an upper bound. */
export async function measureKeeping(suite: Suite, shape: ShapeName): Promise<CheckpointReport> {
  const { runner, rounds, steps, log } = suite;
  const session = await runner.start('ours');
  try {
    const config = shapeConfig(shape, false);
    const enter = async (what: 'checkpoint' | 'metrics') => {
      const { id, values } = await session.prepare({ kind: 'keep', config, what }, 1);
      return { session, id, bytes: values[0] ?? 0 };
    };
    const checkpoint = await enter('checkpoint');
    const metrics = await enter('metrics');
    const measured = await measureInTurn([checkpoint, metrics], { rounds, mostRuns: steps });
    const msOf = (of: typeof metrics) => measured.get(of)?.ms ?? Number.NaN;
    const [checkpointMs, appendMs] = [msOf(checkpoint), msOf(metrics)];
    await session.release(checkpoint.id);
    await session.release(metrics.id);
    const everyMs = Math.max(EVERY_MS, TIMES_ITS_COST * checkpointMs);
    const share = checkpointMs / everyMs + appendMs / APPEND_MS;
    log(`${shape}: keeping a run takes ${(100 * share).toFixed(2)} % of its time`);
    return { shape, share, checkpointMs, appendMs, bytes: checkpoint.bytes };
  } finally {
    await session.close();
  }
}
