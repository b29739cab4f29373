/** LaDiMo as one piece of work: record, distil layer by layer, put together, profile, set the policy. */

import { paperCounts } from '../../accounting/parameters.ts';
import { engineConfig } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { adaptivePolicy, type PolicyThresholds } from '../../config/ladimo.ts';
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import type { Batch, PreparedText } from '../../data/types.ts';
import type { TensorMap } from '../engine/engine.ts';
import { GpuEngine } from '../engine/gpuEngine.ts';
import { readRouting } from '../engine/inspections.ts';
import type { Checkpoint } from '../session/checkpoint.ts';
import { checkState } from '../session/modelState.ts';
import { validationLoss } from '../session/validation.ts';
import { type DistillLosses, distillLayer, distillOptimizer } from './distill.ts';
import type { Gpu } from './layerTrainer.ts';
import { type FfnSample, recordFfn, recordMaxWeights } from './record.ts';
import { layerStart } from './start.ts';
import { adaptiveExperiment, studentExperiment, studentState } from './student.ts';

/** A student of some of the converted layers. */
export interface StudentQuality {
  layers: readonly number[];
  /** Validation cross-entropy in nats. */
  ce: number;
  /** The papers' Na: parameters that a token uses, without vocabulary, routers and norms. */
  active: number;
}

export interface ConversionReport {
  settings: LadimoSettings;
  /** Distillation by layer. */
  layers: { layer: number; losses: DistillLosses }[];
  teacher: StudentQuality;
  /** Converted from the last layer upward, then each layer alone. */
  students: StudentQuality[];
  /** The student of all layers with the adaptive router. */
  adaptive: StudentQuality;
  /** `slots`: how many a token gets on average under the layer's policy, in validation. */
  policy: Omit<PolicyThresholds, 'layers'> & {
    layers: (PolicyThresholds['layers'][number] & { layer: number; slots: number })[];
  };
}

export interface Conversion {
  report: ConversionReport;
  student: Checkpoint;
  /** The same parameters under the adaptive router. */
  adaptive: Checkpoint;
}

export interface ConversionOptions {
  /** Text of the teacher's experiment. */
  text: PreparedText;
  onProgress?: (message: string) => void;
}

/** One conversion: the device, the text and the teacher that all its parts share. */
class Converter {
  private readonly gpu: Gpu;
  private readonly teacher: Checkpoint;
  private readonly settings: LadimoSettings;
  private readonly text: PreparedText;
  private readonly say: (message: string) => void;

  constructor(gpu: Gpu, teacher: Checkpoint, settings: LadimoSettings, options: ConversionOptions) {
    this.gpu = gpu;
    this.teacher = teacher;
    this.settings = settings;
    this.text = options.text;
    this.say = options.onProgress ?? (() => undefined);
  }

  private config(experiment: Experiment) {
    return engineConfig(experiment, this.text.tokenizer.size);
  }

  /** Batches of training text, as many as its epochs have, over and over. */
  private readonly sampleText = (i: number): Batch => {
    const { lastStep } = this.text;
    return this.text.trainingBatch((lastStep === null ? i : i % lastStep) + 1);
  };

  /** Runs a model as it stands in a state. */
  private async withModel<T>(
    { experiment, state }: Checkpoint,
    use: (engine: GpuEngine) => Promise<T>,
  ): Promise<T> {
    const { device, adapterClass } = this.gpu;
    const config = this.config(experiment);
    checkState(state, config);
    const engine = await GpuEngine.create(device, config, {
      domains: this.text.domains.length,
      initStd: experiment.initStd,
      seedInit: experiment.seeds.init,
      adapterClass,
    });
    try {
      engine.loadState(state);
      return await use(engine);
    } finally {
      engine.destroy();
    }
  }

  async quality(model: Checkpoint): Promise<StudentQuality> {
    const { experiment } = model;
    const { arrangement } = experiment.model;
    const { ce } = await this.withModel(model, (engine) =>
      validationLoss(engine, this.text, experiment.evaluation),
    );
    const layers = Array.isArray(arrangement) ? arrangement : [];
    this.say(`layers [${layers}] converted: validation ce ${ce.toFixed(4)}`);
    return { layers, ce, active: paperCounts(this.config(experiment)).Na };
  }

  record(): Promise<FfnSample[]> {
    const { layers, sample: n } = this.settings;
    this.say(`recording ${n} vectors of ${layers.length} layers`);
    return this.withModel(this.teacher, (engine) =>
      recordFfn(engine, this.sampleText, { layers, n }),
    );
  }

  async distil(sample: FfnSample) {
    const { settings, teacher } = this;
    const { alpha, start, batch, steps } = settings;
    const { experiment, state } = teacher;
    const { layer } = sample;
    const config = {
      ...this.config(studentExperiment(experiment, settings)),
      optimizer: distillOptimizer(experiment.optimizer, settings),
      batch: { B: 1, S: batch },
    };
    const { initStd, seeds } = experiment;
    return distillLayer(this.gpu, config, {
      sample,
      start: layerStart(config, layer, state.parameters, { start, initStd, seed: seeds.init }),
      alpha,
      seed: seeds.data,
      onStep: (step, mse) => {
        if (step === steps || step % 256 === 0) {
          this.say(`layer ${layer}  step ${step}  mse ${mse.toExponential(3)}`);
        }
      },
    });
  }

  /** The student of some of the converted layers. */
  assemble(converted: ReadonlyMap<number, TensorMap>): Checkpoint {
    const shape = { ...this.settings, layers: [...converted.keys()] };
    const experiment = studentExperiment(this.teacher.experiment, shape);
    const { parameters } = this.teacher.state;
    return { experiment, state: studentState(this.config(experiment), parameters, converted) };
  }

  /** Policy table from the student's maximal routing weights (LaDiMo 4.4). */
  async profile(student: Checkpoint): Promise<PolicyThresholds> {
    const { profile: n, policy } = this.settings;
    const profiles = await this.withModel(student, (engine) =>
      recordMaxWeights(engine, this.sampleText, n),
    );
    return adaptivePolicy(
      profiles.map(({ weights }) => weights),
      policy,
    );
  }

  /** Slots that a token of the first validation batch gets on average, per MoE layer. */
  meanSlots(model: Checkpoint): Promise<{ layer: number; slots: number }[]> {
    return this.withModel(model, async (engine) => {
      const layers = await readRouting(engine, this.text.validationBatch(0));
      return layers.map(({ layer, W, selected }) => ({
        layer,
        slots: (selected.filter((slot) => slot >= 0).length / selected.length) * W,
      }));
    });
  }
}

/** Which students are compared: the last layer, the last two, …; then each alone. */
function subsets(layers: readonly number[]): number[][] {
  const falling = [...layers].sort((a, b) => b - a);
  const upward = falling.map((_, i) => falling.slice(0, i + 1));
  return [...upward, ...falling.slice(1).map((layer) => [layer])];
}

/**
 * Converts layers of a dense model (docs/model.md, "Dense → MoE conversion") and measures what
 * comes out. Deterministic: the same teacher, settings and adapter give the same student.
 *
 * @throws RangeError for settings that do not fit the teacher; errors named ConfigInvalid for a
 *   state that is not the teacher's, NonFinite, ModelTooLarge, KernelCompile
 */
export async function convert(
  gpu: Gpu,
  teacher: Checkpoint,
  settings: LadimoSettings,
  options: ConversionOptions,
): Promise<Conversion> {
  studentExperiment(teacher.experiment, settings);
  const converter = new Converter(gpu, teacher, settings, options);
  const teacherQuality = await converter.quality(teacher);
  const converted = new Map<number, TensorMap>();
  const layers: ConversionReport['layers'] = [];
  for (const sample of await converter.record()) {
    const { losses, parameters } = await converter.distil(sample);
    converted.set(sample.layer, parameters);
    layers.push({ layer: sample.layer, losses });
  }
  const part = (which: readonly number[]) =>
    new Map([...converted].filter(([layer]) => which.includes(layer)));
  const students: StudentQuality[] = [];
  for (const which of subsets(settings.layers)) {
    students.push(await converter.quality(converter.assemble(part(which))));
  }
  const student = converter.assemble(converted);
  const table = await converter.profile(student);
  const { state } = student;
  const adaptive = { experiment: adaptiveExperiment(student.experiment, table), state };
  const slots = await converter.meanSlots(adaptive);
  return {
    report: {
      settings,
      layers,
      teacher: teacherQuality,
      students,
      adaptive: await converter.quality(adaptive),
      policy: { ...table, layers: table.layers.map((own, i) => ({ ...slots[i]!, ...own })) },
    },
    student,
    adaptive,
  };
}
