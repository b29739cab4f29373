/** What to expect of a conversion before it begins. */
import {
  COST_CLASSES,
  type CostClass,
  estimateStepSeconds,
  type StepCosts,
  stepCosts,
} from '../../accounting/costs.ts';
import { countParameters, paperCounts } from '../../accounting/parameters.ts';
import { engineConfig } from '../../config/edit.ts';
import { CORPORA, type EngineConfig, type Experiment } from '../../config/experiment.ts';
import { divisors, type LadimoSettings } from '../../config/ladimoSettings.ts';
import { elementCount } from '../../config/parameterShapes.ts';
import type { AdapterSpeed } from '../session/events.ts';
import type { ConversionPlan } from './conversion.ts';
import { subsets } from './converter.ts';
import { layerEntries } from './layerTrainer.ts';
import { studentExperiment } from './student.ts';
import { denseShare } from './throughput.ts';

/** Kernels that one step of a layer starts, about. */
const DISPATCHES = 24;

/** Costs of some classes alone. */
function only(costs: StepCosts, classes: readonly CostClass[], optimizer: StepCosts['optimizer']) {
  const none = { flops: 0, bytes: 0 };
  const part = (phase: StepCosts['forward']): StepCosts['forward'] => {
    const kept = COST_CLASSES.map((name) => [name, classes.includes(name) ? phase[name] : none]);
    return Object.fromEntries(kept) as StepCosts['forward'];
  };
  return { ...costs, forward: part(costs.forward), backward: part(costs.backward), optimizer };
}

function layerSeconds(
  student: EngineConfig,
  { batch, layers }: LadimoSettings,
  parameters: number,
  speed: AdapterSpeed,
): number {
  const alone = {
    ...student,
    model: { ...student.model, L: layers[0]! + 1, arrangement: [layers[0]!] },
    batch: { B: 1, S: batch },
  };
  const optimizer = { flops: 20 * parameters, bytes: 32 * parameters };
  const costs = only(stepCosts(alone), ['router', 'experts'], optimizer);
  return estimateStepSeconds(costs, speed) + DISPATCHES * speed.dispatchSeconds;
}

function recordingSeconds(teacher: EngineConfig, tokens: number, speed: AdapterSpeed): number {
  const { forward } = stepCosts(teacher);
  const { B, S } = teacher.batch;
  const batches = Math.ceil(tokens / (B * S));
  const seconds = Object.values(forward).reduce(
    (sum, { flops, bytes }) =>
      sum + Math.max(flops / (speed.gflopsPerSec * 1e9), bytes / (speed.gbytesPerSec * 1e9)),
    0,
  );
  return batches * (seconds + teacher.model.L * DISPATCHES * speed.dispatchSeconds);
}

/** Corpora of a teacher's text. */
const domainsOf = ({ data }: Experiment) => CORPORA.filter((name) => (data.mix[name] ?? 0) > 0);

/** @throws RangeError for a domain that the teacher's text does not have */
export function checkDomain(teacher: Experiment, domain: string | null): void {
  const names: readonly string[] = domainsOf(teacher);
  if (domain === null || names.includes(domain)) return;
  throw new RangeError(
    `ladimo: domain: "${domain}" is not in the teacher's text; it must be one of ${names.join(', ')}, or null`,
  );
}

/**
 * @param vocabulary of the teacher
 * @param speed null where the adapter cannot be measured now
 * @throws RangeError for settings that do not fit the teacher
 */
export function planConversion(
  teacher: Experiment,
  vocabulary: number,
  settings: LadimoSettings,
  speed: AdapterSpeed | null,
): ConversionPlan {
  const { layers, sample, seeds, steps, domain } = settings;
  checkDomain(teacher, domain);
  const configOf = (some: readonly number[]) =>
    engineConfig(
      some.length === 0 ? teacher : studentExperiment(teacher, { ...settings, layers: some }),
      vocabulary,
    );
  const dense = configOf([]);
  const student = configOf(layers);
  const upward = subsets(layers).slice(0, layers.length);
  const perLayer = layerEntries(student, layers[0]!).reduce(
    (sum, { shape }) => sum + elementCount(shape),
    0,
  );
  const total = countParameters(dense).total;
  const trainings = layers.length * seeds;
  return {
    settings,
    domains: domainsOf(teacher),
    teacher: { L: dense.model.L, hidden: dense.model.denseHidden },
    divisors: divisors(dense.model.denseHidden),
    parameters: { teacher: total, student: countParameters(student).total },
    active: [[], ...upward].map((some) => paperCounts(configOf(some)).Na),
    ffnShare: denseShare(dense),
    bytes: {
      recorded: layers.length * sample * dense.model.D * 2 * 4,
      stored: 12 * total + trainings * (12 * perLayer + 20 * steps),
    },
    seconds: speed && {
      recording: recordingSeconds(dense, sample, speed),
      training: trainings * steps * layerSeconds(student, settings, perLayer, speed),
    },
  };
}
