import type { Change, Experiment, JsonValue } from '../../config/experiment.ts';
import { isMoeLayer } from '../../config/layers.ts';

/** Start values of what a selection needs: P of the Top-P paper's order, q of TC-MoE's baseline. */
const START_P = 0.4;
const START_Q = 0.25;

/** What has to change along with a setting so that the experiment stays whole. */
export function companions(path: string, value: JsonValue, experiment: Experiment): Change {
  if (path !== 'router.selection') return {};
  const { router, model } = experiment;
  switch (value) {
    case 'topp':
      return router.P === null ? { 'router.P': START_P } : {};
    case 'randomDrop':
      return router.q === null ? { 'router.q': START_Q } : {};
    case 'adaptive':
      if (router.policy !== null) return {};
      return {
        'router.policy': Array.from({ length: model.L }, (_, l) =>
          isMoeLayer(model, l) ? { kind: 'top-2' } : null,
        ),
      };
    default:
      return {};
  }
}
