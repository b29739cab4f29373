import { counted } from '../../../config/plural.ts';
import { seedsOf, wholeSeedsOf } from '../../../recipes/merge.ts';
import type { Recipe } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import { nextSeeds, sayMissing, type Verdict } from '../../../recipes/verdict.ts';
import type { QueueRequest } from '../../../worker/api.ts';
import { estimateText, StartWork, useEstimate } from '../../kit/StartWork.tsx';
import { useOwnHere } from './Start.tsx';
import { claimName } from './words.ts';

interface DecideProps {
  recipe: Recipe;
  verdict: Verdict;
  result: RecipeResult;
  /** Whether the result is this browser's: its seeds count then, else all have to be run here. */
  isOwn: boolean;
}

/**
 * Seeds that are run for a verdict: on top of one's own those that were begun and as many new ones as are missing; else
 * as many as would decide, and one more for each that is whole but does not count.
 */
export function seedsToDecide({ recipe, verdict, result, isOwn }: DecideProps): number[] | null {
  const { missing, primary } = verdict;
  if (missing === null || primary === null) return null;
  const [there, whole] = [seedsOf(result), wholeSeedsOf(recipe, result)];
  if (isOwn)
    return [...there.filter((seed) => !whole.includes(seed)), ...nextSeeds(there, missing)];
  const isCounted = (seed: number) => !primary.leftOut.some((one) => one.seed === seed);
  const n = there.filter(isCounted).length;
  const useless = whole.filter((seed) => !isCounted(seed)).length;
  return nextSeeds([], n + missing + useless);
}

/** What an undecided claim lacks: seeds for a test at all, or seeds that would decide. */
function lacking({ verdict, isOwn }: DecideProps, missing: number): string {
  const judged = verdict.primary?.judged;
  if (judged === undefined || judged.test === 'refused') return sayMissing(verdict, missing);
  const more = isOwn ? `${missing} more` : 'run here';
  return `What would decide: ${counted(judged.deciding ?? 0, 'seed')} at the spread seen, ${more}`;
}

/** What would decide an undecided claim: a button that queues the missing seeds. */
export function Decide(given: DecideProps) {
  const { recipe, verdict, result } = given;
  // More seeds join those alone that ran on this version and adapter.
  const isOwn = useOwnHere().includes(result) && given.isOwn;
  const props = { ...given, isOwn };
  const { missing, words } = verdict;
  const seeds = seedsToDecide(props);
  const request: QueueRequest | null = seeds && {
    kind: 'recipe',
    name: recipe.name,
    budget: result.budget,
    seeds,
  };
  const estimated = useEstimate(request);
  if (!words.includes('undecided')) return null;
  if (missing === null || seeds === null)
    return (
      <p className="claims-line muted">
        {verdict.primary?.judged.test === 'refused'
          ? `Not tested: ${verdict.primary.judged.message}. More seeds do not change that.`
          : 'What would decide: no number of seeds up to 1,000 would, at the spread seen.'}
      </p>
    );
  return (
    <p className="claims-line claims-decide">
      <span>{lacking(props, missing)}.</span>
      <StartWork
        request={request}
        name={claimName(recipe)}
        estimated={estimated}
        className="btn small"
      >
        Queue {counted(seeds.length, isOwn ? 'missing seed' : 'seed')}
      </StartWork>
      <span className="muted num">{estimateText(estimated)}</span>
    </p>
  );
}
