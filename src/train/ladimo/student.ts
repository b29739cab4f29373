/** From a dense teacher to a student with converted layers (docs/model.md, "Dense → MoE conversion"). */

import type { EngineConfig, Experiment, GateMode, LayerPolicy } from '../../config/experiment.ts';
import { layerPolicy, type PolicyThresholds } from '../../config/ladimo.ts';
import { divisors } from '../../config/ladimoSettings.ts';
import { isMoeLayer } from '../../config/layers.ts';
import { elementCount, parameterShapes } from '../../config/parameterShapes.ts';
import { plainRouter } from '../../config/plainRouter.ts';
import type { EngineState, TensorMap } from '../engine/engine.ts';

/** What the converted layers are. */
export interface StudentShape {
  /** Converted layers. */
  layers: readonly number[];
  /** Experts that each FFN is split into. */
  N: number;
  K: number;
  gate: GateMode;
}

function checkLayers({ model }: Experiment, layers: readonly number[]): void {
  const { L } = model;
  const moe = Array.from({ length: L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
  if (moe.length > 0) {
    throw new RangeError(`ladimo: the teacher has MoE layers (${moe}); only dense models convert`);
  }
  const wrong = layers.find((l) => !(Number.isInteger(l) && l >= 0 && l < L));
  if (wrong !== undefined) {
    throw new RangeError(`ladimo: layer ${wrong} does not exist; there are 0 to ${L - 1}`);
  }
  if (new Set(layers).size !== layers.length)
    throw new RangeError('ladimo: a layer is named twice');
}

/** Losses that no conversion takes (docs/balancing.md, "What may be combined"). */
const REFUSED = ['zloss', 'balance'] as const;

function checkLosses({ losses }: Experiment): void {
  const found = REFUSED.filter((term) => losses[term] !== undefined);
  if (found.length > 0)
    throw new RangeError(
      `ladimo: the teacher's experiment has the loss ${found.join(' and ')}, which goes with no conversion; turn it off in a fork of the teacher`,
    );
}

/**
 * The student's experiment: the dense teacher's with some layers MoE, from its beginning.
 * @throws RangeError for a teacher that is not dense or has a loss that is refused, a layer that does not exist, or where N does
 *   not divide the hidden width
 */
export function studentExperiment(
  teacher: Experiment,
  { layers, N, K, gate }: StudentShape,
): Experiment {
  checkLayers(teacher, layers);
  checkLosses(teacher);
  const { denseHidden } = teacher.model;
  const hidden = denseHidden / N;
  if (!Number.isInteger(hidden))
    throw new RangeError(
      `ladimo: N: ${N} experts do not divide ${denseHidden} hidden units; it must be one of ${divisors(denseHidden).join(', ')}`,
    );
  return {
    ...teacher,
    model: { ...teacher.model, arrangement: [...layers].sort((a, b) => a - b) },
    router: plainRouter({ K, gate }),
    experts: {
      slots: Array.from({ length: N }, () => ({ kind: 'ffn' as const, hidden })),
      sharedHidden: 0,
    },
    events: [],
  };
}

/** The student with the adaptive router; the policy is that of its MoE layers, in their order. */
export function adaptiveExperiment(student: Experiment, { layers }: PolicyThresholds): Experiment {
  const { model } = student;
  let next = 0;
  const policy = Array.from({ length: model.L }, (_, l): LayerPolicy | null => {
    if (!isMoeLayer(model, l)) return null;
    const own = layers[next++];
    if (!own) throw new RangeError(`ladimo: ${layers.length} policies; layer ${l} has none`);
    return layerPolicy(own);
  });
  return { ...student, router: { ...student.router, selection: 'adaptive', policy } };
}

/**
 * The student before its first step as a whole: the teacher's parameters with those of the
 * converted layers in place of their FFNs, and moments of 0.
 * @throws Error naming a parameter that neither has
 */
export function studentState(
  config: EngineConfig,
  teacher: TensorMap,
  converted: ReadonlyMap<number, TensorMap>,
): EngineState {
  const trained = new Map([...converted.values()].flatMap((tensors) => [...tensors]));
  const parameters: TensorMap = new Map();
  const firstMoments: TensorMap = new Map();
  const secondMoments: TensorMap = new Map();
  for (const { name, shape } of parameterShapes(config)) {
    const tensor = trained.get(name) ?? teacher.get(name);
    if (!tensor) throw new Error(`ladimo: neither teacher nor converted layers have "${name}"`);
    parameters.set(name, tensor);
    const zeros = () => ({ shape, data: new Float32Array(elementCount(shape)) });
    firstMoments.set(name, zeros());
    secondMoments.set(name, zeros());
  }
  return { step: 0, parameters, firstMoments, secondMoments };
}
