/** The figures that an inspection is asked for where nobody says which. */

import type { FigureInputs } from './figures/figure.ts';
import type { FigureRequest } from './figures.ts';

export interface NamedRequest {
  /** Name of the results. */
  as: string;
  request: FigureRequest;
  /** Of `interventions`: the routing behind them is asked for too. */
  routing?: boolean;
}

/** Quantiles as the papers draw them. */
const WEIGHTS = [0.05, 0.25, 0.5, 0.75, 0.95];
const DIFFICULT = [0.5, 0.75, 0.9, 0.95, 0.99];
/** OLMoE's fewest occurrences of a token, for means and for lists; and the length of these. */
const [MEAN_COUNT, LIST_COUNT, LIST] = [1, 10, 10];
/** Assignments drawn, as TC-MoE does on test text. */
export const DRAWN = 5;

/** Every figure but `interventions` and what is put together of others: questions of their own. */
export function standardRequests(seed: number): NamedRequest[] {
  const named = (as: string, request: FigureRequest): NamedRequest => ({ as, request });
  const vocabulary = { figure: 'vocabulary', top: LIST } as const;
  return [
    named('load', { figure: 'load', weights: 'uniform' }),
    named('loadTau', { figure: 'load', weights: 'tau' }),
    named('workload', { figure: 'workload' }),
    named('kinds', { figure: 'kinds' }),
    named('domains', { figure: 'domains' }),
    named('classes', { figure: 'classes' }),
    named('deciles', { figure: 'deciles' }),
    named('coactivation', { figure: 'coactivation' }),
    named('flow', { figure: 'flow' }),
    named('scores', { figure: 'scores' }),
    named('saturation', { figure: 'saturation' }),
    named('vocabulary', { ...vocabulary, by: 'input', minCount: MEAN_COUNT }),
    named('vocabularyTarget', { ...vocabulary, by: 'target', minCount: MEAN_COUNT }),
    named('vocabularyLists', { ...vocabulary, by: 'input', minCount: LIST_COUNT }),
    named('difficult', { figure: 'difficult', quantiles: DIFFICULT }),
    named('contribution', { figure: 'contribution', n: DRAWN, seed }),
    named('maxWeights', { figure: 'maxWeights', quantiles: WEIGHTS }),
    named('drops', { figure: 'drops' }),
    named('bits', { figure: 'bits' }),
    named('tokens', { figure: 'tokens' }),
  ];
}

/** Whether the inputs have what a request needs: other inspections, and a τ above 0. */
export function canAnswer(request: FigureRequest, inputs: FigureInputs): boolean {
  switch (request.figure) {
    case 'difficult':
      return inputs.baseline !== undefined;
    case 'saturation':
      return inputs.reference !== undefined;
    case 'load':
      return request.weights === 'uniform' || (inputs.tau ?? 0) > 0;
    default:
      return true;
  }
}
