/** Converted layers trained on the text of one domain, the rest of the model held as it is. */
import { isMoeLayer } from '../../../config/layers.ts';
import type { EngineState, TensorMap } from '../../engine/engine.ts';
import { domainBatches, textBatches } from '../../ladimo/record.ts';
import { switchyardError } from '../../session/errors.ts';
import { validationLoss } from '../../session/validation.ts';
import { type MeasuringDeps, type ModelOfRun, withModel } from '../openModel.ts';

/** The state after a step with everything outside of the trained layers as it was before. */
function held(before: EngineState, after: EngineState, isTrained: (name: string) => boolean) {
  const merged = (part: (state: EngineState) => TensorMap): TensorMap =>
    new Map(
      [...part(after)].map(([name, value]) => {
        return [name, isTrained(name) ? value : part(before).get(name)!];
      }),
    );
  return {
    ...after,
    parameters: merged(({ parameters }) => parameters),
    firstMoments: merged(({ firstMoments }) => firstMoments),
    secondMoments: merged(({ secondMoments }) => secondMoments),
  };
}

/**
 * Trains routers and experts of the MoE layers alone for so many steps.
 * @throws ConfigInvalid for a domain that the run's text does not have; NonFinite
 */
export async function trainedOnDomain(
  deps: MeasuringDeps,
  { experiment, state }: ModelOfRun,
  { corpus, steps, lr }: { corpus: string; steps: number; lr: number },
): Promise<ModelOfRun> {
  const optimizer = { ...experiment.optimizer, lr, minLr: lr, warmup: 0, totalSteps: steps };
  const trained = { ...experiment, optimizer };
  const { model, batch } = experiment;
  const isTrained = (name: string) => {
    const [, layer] = /^layers\.(\d+)\.moe\./.exec(name) ?? [];
    return layer !== undefined && isMoeLayer(model, Number(layer));
  };
  return withModel(deps, { experiment: trained, state }, async ({ engine, text, watch }) => {
    const domain = text.domains.indexOf(corpus);
    if (domain < 0)
      throw switchyardError(
        'ConfigInvalid',
        `The text has no domain "${corpus}"; it has ${text.domains.join(', ')}.`,
      );
    const batches = domainBatches(textBatches(text), { ...batch, domain, name: corpus });
    let now = state;
    for (let step = 1; step <= steps; step++) {
      engine.submitStep(batches(step - 1));
      await watch(engine.settle(0));
      await watch(engine.readTelemetry());
      if (engine.nonFinite !== null)
        throw switchyardError(
          'NonFinite',
          `Step ${step} on ${corpus}: the loss or the gradient norm is not finite; the learning rate is ${lr}.`,
        );
      now = held(now, await watch(engine.readState()), isTrained);
      engine.loadState(now);
    }
    return { experiment, state: { ...now, step: state.step } };
  });
}

/** Validation losses by domain [M], in order of the text's domains; undefined where one has no token. */
export function domainLosses(deps: MeasuringDeps, model: ModelOfRun): Promise<number[]> {
  return withModel(deps, model, async ({ engine, text, settings, watch }) => {
    const { perDomain } = await watch(validationLoss(engine, text, settings.evaluation));
    return text.domains.map((name) => perDomain[name] ?? Number.NaN);
  });
}
