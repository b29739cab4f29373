/** LaDiMo on a device: what is recorded, trained and measured of one teacher (docs/model.md, "Dense → MoE conversion"). */

import { paperCounts } from '../../accounting/parameters.ts';
import { engineConfig } from '../../config/edit.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import type { LayerWeights, PolicyThresholds } from '../../config/ladimo.ts';
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import { MAX_SEED } from '../../config/settings.ts';
import type { Batch, PreparedText } from '../../data/types.ts';
import type { TensorMap } from '../engine/engine.ts';
import { GpuEngine } from '../engine/gpuEngine.ts';
import { readRouting } from '../engine/inspections.ts';
import type { Checkpoint } from '../session/checkpoint.ts';
import { checkState } from '../session/modelState.ts';
import { validationLoss } from '../session/validation.ts';
import type { MaxWeights, StudentQuality } from './conversion.ts';
import {
  distillLayer,
  distillOptimizer,
  type Following,
  type LayerProgress,
  layerBegin,
} from './distill.ts';
import { decodeLayer } from './layerFile.ts';
import type { Gpu } from './layerTrainer.ts';
import {
  domainBatches,
  type FfnSample,
  type Recording,
  recordFfn,
  recordMaxWeights,
  textBatches,
} from './record.ts';
import { layerStart } from './start.ts';
import { adaptiveExperiment, studentExperiment, studentState } from './student.ts';

/** A seed of the teacher's, for the n-th training of a layer. */
const shifted = (seed: number, n: number) => (seed + n) % (MAX_SEED + 1);

/** How a student chooses experts, where that is not as it was converted. */
export interface StudentRouter {
  /** The policy of its layers, in their order. */
  table?: PolicyThresholds | null;
  K?: number | null;
}

/** One conversion: the device, the text and the teacher that all its parts share. */
export class Converter {
  readonly teacher: Checkpoint;
  readonly text: PreparedText;
  private readonly gpu: Gpu;
  private readonly settings: LadimoSettings;

  /**
   * @param text of the teacher's experiment
   * @throws RangeError for settings that do not fit the teacher; ConfigInvalid for a state that is not
   *   that of its experiment
   */
  constructor(gpu: Gpu, teacher: Checkpoint, settings: LadimoSettings, text: PreparedText) {
    this.gpu = gpu;
    this.teacher = teacher;
    this.settings = settings;
    this.text = text;
    this.sampleText = textBatches(text);
    studentExperiment(teacher.experiment, settings);
    checkState(teacher.state, this.configOf(teacher.experiment));
    this.domainOf(settings.domain);
  }

  configOf(experiment: Experiment): EngineConfig {
    return engineConfig(experiment, this.text.tokenizer.size);
  }

  /** The student of all chosen layers. */
  get student(): EngineConfig {
    return this.configOf(studentExperiment(this.teacher.experiment, this.settings));
  }

  private readonly sampleText: (i: number) => Batch;

  /** Place of a domain in the text; null for none. @throws RangeError for one that it does not have */
  domainOf(name: string | null): number | null {
    if (name === null) return null;
    const { domains } = this.text;
    const place = domains.indexOf(name);
    if (place >= 0) return place;
    throw new RangeError(
      `ladimo: domain "${name}" is not in the teacher's text; it must be one of ${domains.join(', ')}`,
    );
  }

  private batchesOf(name: string | null): (i: number) => Batch {
    const domain = this.domainOf(name);
    if (name === null || domain === null) return this.sampleText;
    return domainBatches(this.sampleText, { ...this.teacher.experiment.batch, domain, name });
  }

  /** Runs a model as it stands in a state. */
  async withModel<T>(
    { experiment, state }: Checkpoint,
    use: (engine: GpuEngine) => Promise<T>,
  ): Promise<T> {
    const { device, adapterClass } = this.gpu;
    const config = this.configOf(experiment);
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

  /** Loss of a model on validation text, and what it computes. */
  quality(model: Checkpoint): Promise<StudentQuality & { computing: number | null }> {
    const { experiment } = model;
    const { arrangement } = experiment.model;
    const layers = Array.isArray(arrangement) ? [...arrangement] : [];
    const { Na: active } = paperCounts(this.configOf(experiment));
    return this.withModel(model, async (engine) => {
      const loss = await validationLoss(engine, this.text, experiment.evaluation);
      const computing = layers.length === 0 ? null : await this.computing(experiment, engine);
      return { layers, ...loss, active, computing };
    });
  }

  /** Experts of a token in a converted layer, on average over the validation text. */
  private async computing({ router, evaluation }: Experiment, engine: GpuEngine): Promise<number> {
    if (router.selection !== 'adaptive') return router.K;
    let [slots, tokens] = [0, 0];
    for (let i = 0; i < evaluation.batches; i++)
      for (const { selected, W } of await readRouting(engine, this.text.validationBatch(i))) {
        slots += selected.filter((slot) => slot >= 0).length;
        tokens += selected.length / W;
      }
    return slots / tokens;
  }

  /** Inputs and outputs of the teacher's FFNs. @param domain on whose text alone; null: all */
  record(
    layers: readonly number[],
    domain: string | null,
    recording: Recording = {},
  ): Promise<FfnSample[]> {
    const { sample: n } = this.settings;
    return this.withModel(this.teacher, (engine) =>
      recordFfn(engine, this.batchesOf(domain), { layers, n, ...recording }),
    );
  }

  private layerConfig(steps: number): EngineConfig {
    const { teacher, settings } = this;
    const { optimizer } = teacher.experiment;
    return {
      ...this.student,
      optimizer: distillOptimizer(optimizer, { ...settings, steps }),
      batch: { B: 1, S: settings.batch },
    };
  }

  /** A layer before its first step. @param seed from 0; 0 has the teacher's own seeds */
  begin(layer: number, seed: number): LayerProgress {
    const { experiment, state } = this.teacher;
    const { initStd, seeds } = experiment;
    const { start } = this.settings;
    const drawn = { start, initStd, seed: shifted(seeds.init, seed) };
    return layerBegin(layerStart(this.student, layer, state.parameters, drawn));
  }

  /** @throws RangeError for bytes that are no training of this layer */
  read(bytes: Uint8Array, layer: number): LayerProgress {
    return decodeLayer(bytes, this.student, layer);
  }

  /** Trains a layer on its sample. @param steps where they are not the settings' own */
  distil(
    sample: FfnSample,
    {
      seed,
      from,
      steps = this.settings.steps,
    }: {
      seed: number;
      from: LayerProgress;
      steps?: number;
    },
    following: Following = {},
  ): Promise<LayerProgress> {
    const { alpha } = this.settings;
    const order = shifted(this.teacher.experiment.seeds.data, seed);
    const distillation = { sample, from, alpha, seed: order };
    return distillLayer(this.gpu, this.layerConfig(steps), distillation, following);
  }

  /**
   * The student of some of the converted layers; of none, the teacher.
   * @throws RangeError for more experts per token than there are
   */
  assemble(
    converted: ReadonlyMap<number, TensorMap>,
    { table = null, K = null }: StudentRouter = {},
  ): Checkpoint {
    const { experiment: teacher, state } = this.teacher;
    if (converted.size === 0) return this.teacher;
    const { N } = this.settings;
    if (K !== null && !(Number.isInteger(K) && K >= 1 && K <= N))
      throw new RangeError(`ladimo: K: ${K} of N = ${N} experts; it must be from 1 to ${N}`);
    const layers = [...converted.keys()].sort((a, b) => a - b);
    const shape = { ...this.settings, layers, K: K ?? this.settings.K };
    const plain = studentExperiment(teacher, shape);
    const experiment = table === null ? plain : adaptiveExperiment(plain, table);
    return {
      experiment,
      state: studentState(this.configOf(experiment), state.parameters, converted),
    };
  }

  /** Maximal routing weights of a student over training text (LaDiMo 4.4), sorted. */
  async profile(student: Checkpoint, recording: Recording = {}): Promise<MaxWeights> {
    const { profile: n, N } = this.settings;
    const { layers, domains } = await this.withModel(student, (engine) =>
      recordMaxWeights(engine, this.sampleText, n, recording),
    );
    const sorted = (keeps: (token: number) => boolean): LayerWeights[] =>
      layers.map(({ layer, weights }) => ({
        layer,
        weights: weights.filter((_, token) => keeps(token)).sort(),
      }));
    const ofDomain = this.text.domains.flatMap((domain, d) =>
      domains.includes(d) ? [{ domain, layers: sorted((token) => domains[token] === d) }] : [],
    );
    return { layers: sorted(() => true), domains: ofDomain, N };
  }
}

/** Which students are compared: the last layer, the last two, …; then each alone. */
export function subsets(layers: readonly number[]): number[][] {
  const falling = [...layers].sort((a, b) => b - a);
  const upward = falling.map((_, i) => falling.slice(0, i + 1).reverse());
  return [...upward, ...falling.slice(1).map((layer) => [layer])];
}
