/** What a step costs more with each mechanism of the balancing lab (docs/balancing.md). */
import type { Change } from '../../src/config/experiment.ts';
import type { BalancingRow } from '../report.ts';
import { type ShapeName, shapeConfig } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { type Contender, measureInTurn, withOurs } from './rounds.ts';

const FIRST_STEPS = 2;
const coefficient = 0.01;

const MECHANISMS: Readonly<Record<string, Change>> = {
  plain: {},
  none: { 'router.biasRule': { kind: 'none' } },
  sign: { 'router.biasRule': { kind: 'sign', rate: 0.001, centre: false } },
  quantile: { 'router.biasRule': { kind: 'quantile', smoothing: 0 } },
  zloss: { 'losses.zloss.coefficient': coefficient },
  batch: { 'losses.balance': { coefficient, scope: 'batch' } },
  sequence: { 'losses.balance': { coefficient, scope: 'sequence' } },
  global: { 'losses.balance': { coefficient, scope: 'global', window: 16 } },
};

/** Whole steps with each mechanism, in turn. */
export function measureBalancing(suite: Suite, shape: ShapeName): Promise<BalancingRow[]> {
  return withOurs(suite, async (session) => {
    const contenders: (Contender & { mechanism: string })[] = [];
    for (const [mechanism, change] of Object.entries(MECHANISMS)) {
      const config = shapeConfig(shape, false, { 'losses.switch.alpha': null, ...change });
      const { id } = await session.prepare({ kind: 'train', config }, FIRST_STEPS);
      contenders.push({ mechanism, session, id });
    }
    const { rounds, steps: mostRuns, log } = suite;
    const measured = [...(await measureInTurn(contenders, { rounds, mostRuns }))];
    const plain = measured[0]![1].ms;
    return measured.map(([{ mechanism }, { ms, counts }]) => {
      const overPlain = ms / plain;
      log(`${mechanism}: ${ms.toFixed(1)} ms per step, ${overPlain.toFixed(3)} of plain`);
      return { mechanism, ms, overPlain, dispatches: counts.dispatches };
    });
  });
}
