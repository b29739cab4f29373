/** Figures over training time and answers to probe tasks, made up. */
import { figuresAt } from '../../src/analysis/figuresAt.ts';
import type { FiguresAt } from '../../src/analysis/followed.ts';
import { OPERATORS, type Operator } from '../../src/analysis/probes/arithmetic.ts';
import type { ProbesAt } from '../../src/analysis/probes/probesAt.ts';
import { type Trials, trials } from '../../src/analysis/probes/results.ts';
import { hashChain } from '../../src/config/hash.ts';
import { inspectionOf } from '../analysis/figures/support.ts';

/** Rows at some steps of two layers, of four slots and of three, of which each token takes two or one. */
export function madeFigures(...steps: readonly number[]): FiguresAt[] {
  const inspections = steps.map((step) => {
    const slots = (R: number, k: number) =>
      Array.from({ length: 12 }, (_, u) => {
        const first = hashChain(step, u) % R;
        return Array.from({ length: k }, (_slot, w) => (first + w) % R);
      });
    const layer = (R: number, k: number) => ({
      slots: slots(R, k),
      kinds: Array.from({ length: R }, (_, i) => (i === 0 ? 'ffn' : 'copy') as 'ffn' | 'copy'),
    });
    return inspectionOf({
      S: 6,
      B: 2,
      tokens: Array.from({ length: 12 }, (_, u) => u),
      layers: [
        { ...layer(4, 2), layer: 1 },
        { ...layer(3, 1), layer: 3 },
      ],
    });
  });
  return steps.map((step, i) => figuresAt(step, inspections[i]!, inspections[i - 1] ?? null));
}

/** Answers of which the first `right` of four are right, in every task. */
export function madeProbes(step: number, seed = 1, right = 2): ProbesAt {
  const list = [0, 1, 2, 3].map((i) => Number(i < right));
  const greedy = { ...trials(list, 0), right: list, byDomain: { prose: trials(list, 0) } };
  const accuracy = { ...greedy, ...trials(list, 0.25), picks: [0, 1, 2, 3] };
  const choice = { perToken: accuracy, perCharacter: accuracy };
  const byOperator = Object.fromEntries(OPERATORS.map((name) => [name, trials([], 0)]));
  return {
    from: step - 1,
    step,
    seed,
    items: 4,
    results: {
      lastWord: greedy,
      cloze4: choice,
      arithmetic: { ...greedy, byOperator: byOperator as Record<Operator, Trials> },
      induction: { ...trials(list, 1 / 8), right: list, gain: 0.25 },
      domainChoice: choice,
    },
  };
}
