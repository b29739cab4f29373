/** What a step costs more with each mechanism of the balancing lab (docs/balancing.md). */
import type { Change } from '../../src/config/experiment.ts';
import type { BalancingRow } from '../report.ts';
import { type ShapeName, shapeConfig } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { type Contender, measurePairs, median, withOurs } from './rounds.ts';

const FIRST_STEPS = 2;
const PROFILED_STEPS = 3;
const coefficient = 0.01;

const MECHANISMS: Readonly<Record<string, Change>> = {
  /** Against itself: what the measurement makes of no difference. */
  plain: {},
  none: { 'router.biasRule': { kind: 'none' } },
  sign: { 'router.biasRule': { kind: 'sign', rate: 0.001, centre: false } },
  quantile: { 'router.biasRule': { kind: 'quantile', smoothing: 0 } },
  zloss: { 'losses.zloss.coefficient': coefficient },
  batch: { 'losses.balance': { coefficient, scope: 'batch' } },
  sequence: { 'losses.balance': { coefficient, scope: 'sequence' } },
  global: { 'losses.balance': { coefficient, scope: 'global', window: 16 } },
};

/** Time of a step by kernel, ms: medians over as many profiles as there are rounds. */
async function kernelTimes(
  { session, id }: Contender,
  rounds: number,
): Promise<Map<string, number>> {
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    const sums = new Map<string, number>();
    const { rows } = await session.profile(id, PROFILED_STEPS);
    for (const { kernel, ms } of rows) sums.set(kernel, (sums.get(kernel) ?? 0) + ms);
    for (const [kernel, ms] of sums) times.set(kernel, [...(times.get(kernel) ?? []), ms]);
  }
  return new Map([...times].map(([kernel, all]) => [kernel, median(all)]));
}

/** Kernels that only one of two steps has, over all of the plain one: what a whole step's noise hides. */
function addedShare(plain: ReadonlyMap<string, number>, own: ReadonlyMap<string, number>): number {
  const sum = (times: Iterable<number>) => [...times].reduce((total, ms) => total + ms, 0);
  const onlyIn = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>) =>
    sum([...one].flatMap(([kernel, ms]) => (other.has(kernel) ? [] : [ms])));
  return (onlyIn(own, plain) - onlyIn(plain, own)) / sum(plain.values());
}

/** Whole steps with each mechanism, each beside one without any. */
export function measureBalancing(suite: Suite, shape: ShapeName): Promise<BalancingRow[]> {
  return withOurs(suite, async (session) => {
    const prepare = async (change: Change): Promise<Contender> => {
      const config = shapeConfig(shape, false, { 'losses.switch.alpha': null, ...change });
      const { id } = await session.prepare({ kind: 'train', config }, FIRST_STEPS);
      return { session, id };
    };
    const plain = await prepare({});
    const contenders: (Contender & { mechanism: string })[] = [];
    for (const [mechanism, change] of Object.entries(MECHANISMS))
      contenders.push({ mechanism, ...(await prepare(change)) });
    const { rounds, steps: mostRuns, log } = suite;
    const measured = await measurePairs(plain, contenders, { rounds, mostRuns });
    const plainTimes = await kernelTimes(plain, rounds);
    const row = async (one: (typeof contenders)[number]): Promise<BalancingRow> => {
      const { ms, ratio, interval, counts } = measured.get(one)!;
      const added = addedShare(plainTimes, await kernelTimes(one, rounds));
      const range = interval ? ` [${interval.map((end) => end.toFixed(3)).join(', ')}]` : '';
      const whole = `${ms.toFixed(1)} ms per step, ${ratio.toFixed(3)} of plain${range}`;
      log(`${one.mechanism}: ${whole}; its kernels ${(100 * added).toFixed(2)} % more`);
      const { dispatches } = counts;
      return {
        mechanism: one.mechanism,
        ms,
        overPlain: ratio,
        interval,
        addedShare: added,
        dispatches,
      };
    };
    const rows: BalancingRow[] = [];
    for (const one of contenders) rows.push(await row(one));
    return rows;
  });
}
