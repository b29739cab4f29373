/** Single layers and products of every subject, in turn. */
import type { BySubject, MatmulRow } from '../report.ts';
import type { OpenSession } from '../runner.ts';
import { layerConfig, PRODUCTS } from '../shapes.ts';
import type { ProductSize, SubjectName, WorkSpec } from '../subject.ts';
import type { Suite } from '../suite.ts';
import { type Contender, difference, measureInTurn } from './rounds.ts';

const TOLERANCE = 1e-3;

interface Entrant extends Contender {
  subject: SubjectName | 'naive';
  grouped: boolean;
}

type Sessions = readonly { subject: SubjectName; session: OpenSession }[];

async function withSessions<T>(
  { subjects, runner }: Suite,
  use: (sessions: Sessions) => Promise<T>,
): Promise<T> {
  const sessions: { subject: SubjectName; session: OpenSession }[] = [];
  try {
    for (const subject of subjects)
      sessions.push({ subject, session: await runner.start(subject) });
    return await use(sessions);
  } finally {
    for (const { session } of sessions) await session.close();
  }
}

/**
 * Prepares the same work in every session.
 * @throws Error where a subject's value is not ours: it computes another function
 */
async function enter(sessions: Sessions, spec: WorkSpec): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  let ours: number | undefined;
  for (const { subject, session } of sessions) {
    const { id, values } = await session.prepare(spec, 1);
    const [value = Number.NaN] = values;
    ours ??= value;
    if (!(difference(ours, value) <= TOLERANCE)) {
      throw new Error(
        `${subject} computes another ${spec.kind}: ${value}, ours ${ours}; they may differ by ${TOLERANCE} of their size`,
      );
    }
    entrants.push({ subject, session, id, grouped: false });
  }
  return entrants;
}

async function release(entrants: readonly Entrant[]): Promise<void> {
  for (const { session, id } of entrants) await session.release(id);
}

/** Rows of one size: all subjects, our grouped product, and one without tiling. */
async function productRows(
  sessions: Sessions,
  size: ProductSize,
  { rounds }: Suite,
): Promise<MatmulRow[]> {
  const entrants = await enter(sessions, { kind: 'matmul', size });
  const [ours] = sessions;
  if (ours) {
    const { session } = ours;
    const grouped = await session.prepare({ kind: 'groupedMatmul', size }, 1);
    entrants.push({ subject: 'ours', session, id: grouped.id, grouped: true });
    const naive = await session.prepare({ kind: 'naiveMatmul', size }, 1);
    entrants.push({ subject: 'naive', session, id: naive.id, grouped: false });
  }
  const times = await measureInTurn(entrants, { rounds, mostRuns: 64, budgetMs: 400 });
  await release(entrants);
  const flops = 2 * size.m * size.n * size.k;
  return [...times].map(([{ subject, grouped }, { ms }]) => ({
    subject,
    ...size,
    grouped,
    gflops: flops / ms / 1e6,
  }));
}

export function measureProducts(suite: Suite): Promise<MatmulRow[]> {
  return withSessions(suite, async (sessions) => {
    const rows: MatmulRow[] = [];
    for (const size of PRODUCTS) {
      const found = await productRows(sessions, size, suite);
      const figures = found.map(
        ({ subject, grouped, gflops }) =>
          `${subject}${grouped ? ' grouped' : ''} ${gflops.toFixed(2)}`,
      );
      suite.log(`${size.m} × ${size.n} × ${size.k}, GFLOP/s: ${figures.join(', ')}`);
      rows.push(...found);
    }
    return rows;
  });
}

/** The MoE layer forward alone. */
export function measureLayer(suite: Suite): Promise<BySubject<{ ms: number }>> {
  return withSessions(suite, async (sessions) => {
    const entrants = await enter(sessions, { kind: 'moeForward', config: layerConfig() });
    const times = await measureInTurn(entrants, { rounds: suite.rounds, mostRuns: 10 });
    const report: BySubject<{ ms: number }> = {};
    for (const [{ subject }, { ms }] of times) {
      if (subject !== 'naive') report[subject] = { ms };
      suite.log(`MoE layer forward, ${subject}: ${ms.toFixed(0)} ms`);
    }
    return report;
  });
}
