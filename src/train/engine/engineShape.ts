import type { EngineConfig } from '../../config/experiment.ts';
import { isState, type ParameterEntry, parameterShapes } from '../../config/parameterShapes.ts';

/** Shapes and names of all parameters as one string: equal strings, equal models but for their states. */
export function modelSignature(config: EngineConfig): string {
  return signature(parameterShapes(config).filter((entry) => !isState(entry)));
}

/** The same of the states that rules move. */
export function stateSignature(config: EngineConfig): string {
  return signature(parameterShapes(config).filter(isState));
}

function signature(entries: readonly ParameterEntry[]): string {
  return entries.map(({ name, shape }) => `${name}[${shape}]`).join();
}

/** What the plans depend on, parameters included: all but the numbers that are written per step or by `rewrite`. */
export function planSignature({ model, router, experts, losses, batch }: EngineConfig): string {
  const { P, q, tau, capacity, ...structure } = router;
  // Expert choice has its places in the plan.
  const places = router.selection === 'expertChoice' ? capacity : capacity !== null;
  const { coefficient, ...balance } = losses.balance ?? {};
  const terms = [losses.zloss !== undefined, losses.balance ? balance : null];
  return JSON.stringify([model, structure, places, experts, terms, batch]);
}
