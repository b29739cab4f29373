import type { BySubject, TrainFigures } from '../report.ts';
import type { OpenSession } from '../runner.ts';
import { type ShapeName, shapeConfig } from '../shapes.ts';
import type { Prepared, SubjectName } from '../subject.ts';
import type { Suite } from '../suite.ts';
import { type Contender, difference, measureInTurn } from './rounds.ts';

/** Steps before measuring: their losses must agree, and nothing compiles later. */
const FIRST_STEPS: Readonly<Record<ShapeName, number>> = { S: 3, M: 2, L: 2 };
const TOLERANCE = 1e-3;

interface Trained {
  subject: SubjectName;
  session: OpenSession;
  moe: Prepared;
  dense: Prepared;
}

/** @throws Error where a subject's losses are not ours: it computes another function */
function sameLosses(ours: Trained, other: Trained): void {
  for (const model of ['moe', 'dense'] as const) {
    const [want, got] = [ours[model].values, other[model].values];
    const isSame = want.every((loss, i) => difference(loss, got[i] ?? Number.NaN) <= TOLERANCE);
    if (isSame) continue;
    throw new Error(
      `${other.subject} trains another ${model} model: losses ${got.join(', ')}, ours ${want.join(', ')}; they may differ by ${TOLERANCE} of their size`,
    );
  }
}

async function prepare({ log, runner }: Suite, subject: SubjectName, shape: ShapeName) {
  const session = await runner.start(subject);
  const start = (isDense: boolean) =>
    session.prepare({ kind: 'train', config: shapeConfig(shape, isDense) }, FIRST_STEPS[shape]);
  const moe = await start(false);
  log(`${shape} ${subject}: first step after ${(moe.firstMs / 1000).toFixed(2)} s`);
  const dense = await start(true);
  return { subject, session, moe, dense };
}

/** Whole steps of every subject at one shape, in turn with their dense twins. */
export async function measureTraining(
  suite: Suite,
  shape: ShapeName,
): Promise<BySubject<TrainFigures>> {
  const { subjects, rounds, steps, log } = suite;
  const trained: Trained[] = [];
  for (const subject of subjects) trained.push(await prepare(suite, subject, shape));
  const [ours, ...others] = trained;
  if (ours) for (const other of others) sameLosses(ours, other);
  const pairs = trained.map(({ subject, session, moe, dense }) => ({
    subject,
    first: moe,
    moe: { session, id: moe.id } satisfies Contender,
    dense: { session, id: dense.id } satisfies Contender,
  }));
  const inTurn = pairs.flatMap(({ moe, dense }) => [moe, dense]);
  const measured = await measureInTurn(inTurn, { rounds, mostRuns: steps });
  const report: BySubject<TrainFigures> = {};
  for (const { subject, first, moe, dense } of pairs) {
    const [moeRounds, denseRounds] = [measured.get(moe), measured.get(dense)];
    if (!moeRounds || !denseRounds) continue;
    const { ms, spread, counts } = moeRounds;
    report[subject] = {
      msPerStep: ms,
      spread,
      moeOverDense: ms / denseRounds.ms,
      firstStepMs: first.firstMs,
      losses: first.values,
      loss: first.values[0] ?? Number.NaN,
      dispatches: counts.dispatches,
      submits: counts.submits,
      objectsCreated: counts.objects,
      buffersCreated: counts.buffersMade,
    };
    log(`${shape} ${subject}: ${ms.toFixed(1)} ms per step, dense ${denseRounds.ms.toFixed(1)}`);
  }
  for (const { session } of trained) await session.close();
  return report;
}
