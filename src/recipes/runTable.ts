/** The runs of a result in EqualRes's columns: sizes by the accounting, compute, data, losses. */
import { expertWidths } from '../config/slots.ts';
import { numberOf } from './evaluate.ts';
import { type Spread, spreadOf } from './figures.ts';
import type { RecipeResult, RunResult, UnitResult } from './result.ts';

export interface RunRow {
  variant: string;
  N: number;
  Na: number;
  /** Na/N. */
  ra: number;
  /** Training FLOPs per token, as the paper's tables have it. */
  M: number;
  /** Tokens, compute 3·M·D, tokens per parameter. */
  D: number;
  C: number;
  dataPerParameter: number;
  /** Passes over the unique tokens; null where all text there is was used. */
  epochs: number | null;
  steps: number;
  /** FFN experts of a layer; 0 of a dense model. */
  experts: number;
  K: number;
  /** Mean width of the experts; null without any. */
  expertWidth: number | null;
  sharedWidth: number;
  /** Validation loss in nats and bits per character, over seeds. */
  loss: Spread;
  bitsPerCharacter: Spread;
  /** FLOPs of all steps with the loads that were measured, over seeds. */
  realisedFlops: Spread;
  diverged: number;
}

type Run = RunResult & Pick<UnitResult, 'seed' | 'measured'>;

function rowOf(runs: readonly Run[]): RunRow {
  // One that diverged ended before its last step.
  const whole = runs.find(({ diverged }) => diverged === null) ?? runs[0]!;
  const { variant, resources, experiment, steps } = whole;
  const { N, Na, C, D } = resources;
  const { data, experts, model, router } = experiment;
  const widths = model.arrangement === 'dense' ? [] : expertWidths(experts.slots);
  const over = (of: (run: Run) => number | null): Spread =>
    spreadOf(
      runs.flatMap((run) => {
        const value = run.diverged === null ? of(run) : null;
        return value === null ? [] : [{ seed: run.seed, value }];
      }),
    );
  const field = (name: string) =>
    over(({ measured }) => numberOf(measured.loss?.[variant]?.[name] ?? null));
  return {
    variant,
    N,
    Na,
    ra: Na / N,
    M: C / D,
    D,
    C,
    dataPerParameter: D / N,
    epochs: data.uniqueTokens === null ? null : D / data.uniqueTokens,
    steps,
    experts: widths.length,
    K: router.K,
    expertWidth:
      widths.length === 0 ? null : widths.reduce((sum, width) => sum + width, 0) / widths.length,
    sharedWidth: model.arrangement === 'dense' ? 0 : experts.sharedHidden,
    loss: field('ce'),
    bitsPerCharacter: field('bitsPerCharacter'),
    realisedFlops: over(({ realisedFlops }) => realisedFlops),
    diverged: runs.filter(({ diverged }) => diverged !== null).length,
  };
}

/** A row per variant that was run, sizes of its first seed that did not diverge. */
export function runTable({ units }: RecipeResult): RunRow[] {
  const byVariant = new Map<string, Run[]>();
  for (const { runs, seed, measured } of units) {
    for (const run of runs) {
      const known = byVariant.get(run.variant) ?? [];
      byVariant.set(run.variant, [...known, { ...run, seed, measured }]);
    }
  }
  return [...byVariant.values()].map(rowOf);
}
