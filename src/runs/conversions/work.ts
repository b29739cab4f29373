/** One conversion that is open: its record, its teacher on the device, and the work on its layers. */
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import type { OwnText } from '../../data/ownText.ts';
import { sha256Hex } from '../../data/textHash.ts';
import { utf8Encode } from '../../data/tokenizers/bytes.ts';
import type { PreparedText } from '../../data/types.ts';
import type { TensorMap } from '../../train/engine/engine.ts';
import type {
  ConversionEvent,
  ConversionStage,
  ConversionState,
  DomainResult,
  LayerCurves,
  LayerSeed,
  LayerState,
  LayerStatus,
  MeasuredStudent,
  StudentChoice,
} from '../../train/ladimo/conversion.ts';
import { Converter } from '../../train/ladimo/converter.ts';
import type { DistillLosses, LayerProgress } from '../../train/ladimo/distill.ts';
import { encodeLayer, lossesOf } from '../../train/ladimo/layerFile.ts';
import type { Gpu } from '../../train/ladimo/layerTrainer.ts';
import type { FfnSample } from '../../train/ladimo/record.ts';
import { decodeCheckpoint } from '../../train/session/checkpoint.ts';
import { errorCode, errorMessage, switchyardError } from '../../train/session/errors.ts';
import { choiceKey } from './choice.ts';
import type { ConversionDeps } from './deps.ts';
import {
  atRest,
  type ConversionRecord,
  domainPart,
  layerPart,
  restingState,
  TEACHER,
} from './record.ts';
import { withoutDomain, withoutLayer, withoutPolicies } from './stale.ts';
import type { ConversionStore, Parts } from './store.ts';
import { teacherModel, trainTeacher } from './teacher.ts';

/** Steps over which the mse at the end is a mean. */
const LAST_STEPS = 32;
/** Least time between two events of steps. */
const STEPS_MS = 100;

function lastMean(mse: readonly number[]): number {
  const last = mse.slice(-LAST_STEPS);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

export interface WorkPlace {
  deps: ConversionDeps;
  store: ConversionStore;
  tell: (event: ConversionEvent) => void;
}

export class ConversionWork {
  readonly #place: WorkPlace;
  #record: ConversionRecord;
  #text: Promise<PreparedText> | null = null;
  #model: ReturnType<typeof teacherModel> | null = null;

  constructor(place: WorkPlace, record: ConversionRecord) {
    this.#place = place;
    this.#record = record;
  }

  get state(): ConversionState {
    return this.#record.state;
  }

  get record(): ConversionRecord {
    return this.#record;
  }

  get settings(): LadimoSettings {
    return this.state.settings;
  }

  /** Changes the state and tells of it; stores nothing. */
  change(part: Partial<ConversionState>): void {
    const state = { ...this.state, ...part };
    this.#record = { ...this.#record, state };
    this.#place.tell({ type: 'state', state });
  }

  /** Changes the state and stores it, with parts that go with it. */
  async keep(part: Partial<ConversionState>, parts: Parts = []): Promise<void> {
    this.change({ ...part, changedAt: this.#place.deps.now() });
    await this.#place.store.put(this.#record, parts);
  }

  /** Nobody works on it any more. */
  async rest(): Promise<void> {
    await this.keep({ ...restingState(this.state) });
  }

  stage(stage: ConversionStage): (done: number, total: number) => void {
    this.change({ stage, progress: null, failure: null });
    let told = 0;
    return (done, total) => {
      if (done < total && performance.now() - told < STEPS_MS) return;
      told = performance.now();
      this.change({ progress: { done, total } });
    };
  }

  /** @throws DataMissing where the person's own text is not stored any more */
  async ownText(): Promise<OwnText | null> {
    const { own } = this.#record;
    if (own === null) return null;
    const text = await this.#place.store.text(own);
    if (text === null)
      throw switchyardError('DataMissing', 'The teacher’s own text is not stored any more.');
    return text;
  }

  /** The text of the teacher, prepared once. */
  text(signal?: AbortSignal): Promise<PreparedText> {
    const prepare = async () => {
      const { experiment } = this.state.teacher;
      const options = { onProgress: () => undefined, signal };
      return this.#place.deps.prepareText(experiment, await this.ownText(), options);
    };
    this.#text ??= prepare().catch((error: unknown) => {
      this.#text = null;
      throw error;
    });
    return this.#text;
  }

  async teacher() {
    if (this.#model !== null) return this.#model;
    const bytes = await this.#place.store.part(this.state.id, TEACHER);
    if (bytes === null) throw new RangeError('The teacher of this conversion is not trained yet.');
    this.#model = teacherModel(bytes);
    return this.#model;
  }

  /** @throws NoWebGPU where the device trains no layers */
  async converter(signal?: AbortSignal): Promise<Converter> {
    const { gpu } = await this.#place.deps.requestDevice();
    if (gpu === undefined)
      throw switchyardError('NoWebGPU', 'A conversion needs a WebGPU device of its own.');
    return this.converterOn(gpu, signal);
  }

  private async converterOn(gpu: Gpu, signal?: AbortSignal): Promise<Converter> {
    return new Converter(gpu, await this.teacher(), this.settings, await this.text(signal));
  }

  /** Trains the teacher of a link, where that is not done. */
  async makeTeacher(signal: AbortSignal): Promise<void> {
    const { teacher } = this.state;
    if (teacher.digest !== null) return;
    const onProgress = this.stage('teacher');
    const own = await this.ownText();
    const bytes = await trainTeacher(this.#place.deps, teacher, { own, signal, onProgress });
    const { experiment } = decodeCheckpoint(bytes);
    const digest = await sha256Hex(bytes);
    await this.keep({ teacher: { ...teacher, experiment, digest } }, [[TEACHER, bytes]]);
  }

  #layer(layer: number, part: Partial<LayerState>): LayerState[] {
    return this.state.layers.map((one) => (one.layer === layer ? { ...one, ...part } : one));
  }

  #status(layers: readonly number[], status: LayerStatus): void {
    this.change({
      layers: this.state.layers.map((one) =>
        layers.includes(one.layer) ? { ...one, status } : one,
      ),
    });
  }

  /** Layers that are to be trained. */
  get pending(): number[] {
    return this.state.layers
      .filter(({ isChosen, status }) => isChosen && status !== 'converted')
      .map(({ layer }) => layer);
  }

  get converted(): number[] {
    return this.state.layers
      .filter(({ status }) => status === 'converted')
      .map(({ layer }) => layer);
  }

  /** Trains every layer that is to be trained, until the signal. @param done hears of each layer */
  async train(signal: AbortSignal, done: (layer: number) => Promise<void>): Promise<void> {
    const layers = this.pending;
    if (layers.length === 0) return this.#seal();
    const onProgress = this.stage('recording');
    const converter = await this.converter(signal);
    const samples = await converter.record(layers, this.settings.domain, { signal, onProgress });
    this.#status(layers, 'recorded');
    const diverged: string[] = [];
    try {
      for (const sample of samples) {
        this.change({ stage: 'training', progress: null });
        const end = await this.#endOf(converter, sample, signal);
        if (end === 'stopped') break;
        if (end === 'converted') await done(sample.layer);
        else diverged.push(end.message);
      }
    } finally {
      await this.keep({ layers: this.state.layers.map(atRest) });
    }
    if (diverged.length > 0) throw switchyardError('NonFinite', diverged.join(' '));
    if (this.pending.length === 0) await this.#seal();
  }

  /** Keeps the digest of all layers; whoever was killed behind the last layer has none yet. */
  async #seal(): Promise<void> {
    if (this.state.digest === null) await this.keep({ digest: await this.#digest() });
  }

  /** Trains a layer; one that diverges keeps the others from nothing. */
  async #endOf(
    converter: Converter,
    sample: FfnSample,
    signal: AbortSignal,
  ): Promise<'converted' | 'stopped' | { message: string }> {
    try {
      return (await this.#trainLayer(converter, sample, signal)) ? 'converted' : 'stopped';
    } catch (error) {
      if (errorCode(error) !== 'NonFinite') throw error;
      const { layer } = sample;
      this.change({
        layers: this.state.layers.map((one) => (one.layer === layer ? atRest(one) : one)),
      });
      return { message: errorMessage(error) };
    }
  }

  async #trainLayer(
    converter: Converter,
    sample: FfnSample,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { layer } = sample;
    this.#status([layer], 'training');
    for (let seed = 0; seed < this.settings.seeds; seed++) {
      const from = await this.#begun(converter, layer, seed);
      if (from.state.step === this.settings.steps) continue;
      const store = (progress: LayerProgress) => this.#store(layer, seed, progress);
      const teller = this.#teller(layer, seed);
      const { storeMs } = this.#place.deps;
      const following = { signal, onSteps: teller.onSteps, store, storeMs };
      const { state } = await converter
        .distil(sample, { seed, from }, following)
        .finally(teller.rest);
      if (state.step < this.settings.steps) return false;
    }
    // Routing weights are those of the student of all converted layers.
    await this.keep({
      ...withoutPolicies(this.state),
      layers: this.#layer(layer, { status: 'converted' }),
    });
    return true;
  }

  /** Where the training of a layer stands. */
  async #begun(converter: Converter, layer: number, seed: number): Promise<LayerProgress> {
    const bytes = await this.#place.store.part(this.state.id, layerPart(layer, seed));
    return bytes === null ? converter.begin(layer, seed) : converter.read(bytes, layer);
  }

  #seeds(layer: number, seed: number, part: Partial<LayerSeed>): LayerSeed[] {
    const { seeds } = this.state.layers.find((one) => one.layer === layer)!;
    return seeds.map((one) => (one.seed === seed ? { ...one, ...part } : one));
  }

  async #store(layer: number, seed: number, progress: LayerProgress): Promise<void> {
    const { state, losses } = progress;
    const isOver = state.step === this.settings.steps;
    const mse = isOver ? lastMean(losses.mse) : null;
    const seeds = this.#seeds(layer, seed, { step: state.step, mse });
    const part = [layerPart(layer, seed), encodeLayer(progress)] as const;
    await this.keep({ layers: this.#layer(layer, { seeds }) }, [part]);
  }

  /** Tells of steps ten times a second; `rest` of those that were not told of by then. */
  #teller(layer: number, seed: number) {
    let next: number | null = null;
    let told = 0;
    let heard: Pick<DistillLosses, 'mse' | 'balance'> = { mse: [], balance: [] };
    const { id } = this.state;
    const rest = () => {
      if (next === null || heard.mse.length < next) return;
      told = performance.now();
      const from = next;
      next = heard.mse.length + 1;
      const part = (values: readonly number[]) => Float32Array.from(values.slice(from - 1));
      const steps = { mse: part(heard.mse), balance: part(heard.balance) };
      this.#place.tell({ type: 'steps', id, layer, seed, firstStep: from, ...steps });
    };
    const onSteps = (losses: DistillLosses, firstStep: number) => {
      next ??= firstStep;
      heard = losses;
      if (performance.now() - told >= STEPS_MS) rest();
    };
    return { onSteps, rest };
  }

  /** The parts of all layers, and which bits they have: 16 hexadecimal digits. */
  async #digest(): Promise<string> {
    const lines: string[] = [];
    for (const layer of this.converted)
      for (let seed = 0; seed < this.settings.seeds; seed++) {
        const bytes = await this.#place.store.part(this.state.id, layerPart(layer, seed));
        lines.push(`${layer} ${seed} ${await sha256Hex(Uint8Array.from(bytes ?? []))}\n`);
      }
    return (await sha256Hex(utf8Encode(lines.join('')))).slice(0, 16);
  }

  /** Losses of all trainings that are begun. */
  async curves(): Promise<LayerCurves[]> {
    const curves: LayerCurves[] = [];
    for (const { layer, seeds } of this.state.layers)
      for (const { seed, step } of seeds) {
        if (step === 0) continue;
        const bytes = await this.#place.store.part(this.state.id, layerPart(layer, seed));
        if (bytes !== null) curves.push({ layer, seed, ...lossesOf(bytes) });
      }
    return curves;
  }

  /** Drops what is known of a layer, and everything that was measured with it. */
  async forget(layer: number): Promise<void> {
    const { part, gone } = withoutLayer(this.state, layer);
    await this.keep(part, gone);
  }

  /** The trained layers of a choice. @throws RangeError for what is not converted */
  async weights(converter: Converter, choice: StudentChoice): Promise<Map<number, TensorMap>> {
    const { layers, seed = 0, domain = null } = choice;
    const weights = new Map<number, TensorMap>();
    for (const layer of layers) {
      if (!this.converted.includes(layer))
        throw new RangeError(
          `Layer ${layer} is not converted; converted are: ${this.converted.join(', ') || 'none'}.`,
        );
      if (!(Number.isInteger(seed) && seed >= 0 && seed < this.settings.seeds))
        throw new RangeError(`Seed ${seed}: it must be from 0 to ${this.settings.seeds - 1}.`);
      if (domain !== null && seed !== 0)
        throw new RangeError(
          `Seed ${seed}: layers were trained on “${domain}” from seed 0, which it must be.`,
        );
      const name = domain === null ? layerPart(layer, seed) : domainPart(domain, layer);
      const bytes = await this.#place.store.part(this.state.id, name);
      if (bytes === null)
        throw new RangeError(`Layer ${layer} was not trained on the domain "${domain}".`);
      weights.set(layer, converter.read(bytes, layer).state.parameters);
    }
    return weights;
  }

  /** Keeps layers that were trained on a domain, and what was measured of them, in the place of earlier ones. */
  async keepDomain(result: DomainResult, parts: Parts): Promise<void> {
    const { domains, ...others } = withoutDomain(this.state, result.domain);
    await this.keep({ ...others, domains: [...domains, result] }, parts);
  }

  /** Puts a measured student in the place of an earlier one of the same choice. */
  async keepStudent(student: MeasuredStudent): Promise<void> {
    const key = choiceKey(student.choice);
    const others = this.state.students.filter(({ choice }) => choiceKey(choice) !== key);
    await this.keep({ students: [...others, student] });
  }

  known(choice: StudentChoice): MeasuredStudent | null {
    const key = choiceKey(choice);
    return this.state.students.find((one) => choiceKey(one.choice) === key) ?? null;
  }
}
