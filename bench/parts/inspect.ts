/** What an inspection costs beside an evaluation of the same tokens. */
import type { InspectReport } from '../report.ts';
import { shapeConfig } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { measureInTurn } from './rounds.ts';

/** Short turns, and many of them: both take a few milliseconds, and only their ratio counts. */
const TURNS = 8;
const MOST_RUNS = 3;

export async function measureInspections(suite: Suite): Promise<InspectReport> {
  const session = await suite.runner.start('ours');
  try {
    const shapes: InspectReport['shapes'] = {};
    for (const shape of suite.shapes) {
      const enter = async (kind: 'evaluate' | 'inspect') => {
        const { id } = await session.prepare({ kind, config: shapeConfig(shape) }, 2);
        return { session, id };
      };
      const [plain, inspected] = [await enter('evaluate'), await enter('inspect')];
      const rounds = { rounds: TURNS * suite.rounds, mostRuns: MOST_RUNS };
      const times = await measureInTurn([plain, inspected], rounds);
      const evaluateMs = times.get(plain)?.ms ?? Number.NaN;
      const inspectMs = times.get(inspected)?.ms ?? Number.NaN;
      const ratio = inspectMs / evaluateMs;
      shapes[shape] = { evaluateMs, inspectMs, ratio };
      suite.log(`${shape}: an inspection takes ${ratio.toFixed(2)} evaluations`);
      for (const { id } of [plain, inspected]) await session.release(id);
    }
    return { ratio: Math.max(...Object.values(shapes).map(({ ratio }) => ratio)), shapes };
  } finally {
    await session.close();
  }
}
