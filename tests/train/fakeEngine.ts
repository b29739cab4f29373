import type { EngineConfig } from '../../src/config/experiment.ts';
import { isMoeLayer, selectionWidth, slotsOfLayer } from '../../src/config/layers.ts';
import { parameterShapes } from '../../src/config/parameterShapes.ts';
import {
  type LayerLoads,
  type LayerSpace,
  layerLoads,
  SCALAR_COUNT,
  type StepRecords,
  scalarColumn,
} from '../../src/config/telemetry.ts';
import type { Batch } from '../../src/data/types.ts';
import type { EngineOptions } from '../../src/train/device/trainingDevice.ts';
import type {
  Engine,
  EngineState,
  InspectedTensor,
  InspectedTensors,
  NextToken,
  NonFinite,
  Pass,
  PassRequest,
  SurgeryOrder,
  TensorMap,
  Wants,
} from '../../src/train/engine/engine.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { fakeLogits, fakePass } from '../support/fakePass.ts';
import { FakeProfiler } from './fakeProfiler.ts';

/** Learning rates from here on give a loss that is not finite. */
export const EXPLODING_LR = 1000;

interface Taken {
  step: number;
  ce: number;
  lr: number;
}

function copyTensors(tensors: TensorMap): TensorMap {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
}

function copyState(state: EngineState): EngineState {
  return {
    step: state.step,
    parameters: copyTensors(state.parameters),
    firstMoments: copyTensors(state.firstMoments),
    secondMoments: copyTensors(state.secondMoments),
    ...(state.surgeries && { surgeries: [...state.surgeries] }),
  };
}

function layerSpaces(config: EngineConfig): LayerSpace[] {
  return Array.from({ length: config.model.L }, (_, layer) => layer)
    .filter((layer) => isMoeLayer(config.model, layer))
    .map((layer) => {
      const slots = slotsOfLayer(config.experts, layer);
      const hidden = slots.map((slot) => (slot.kind === 'ffn' ? slot.hidden : 0));
      const ranks = selectionWidth(config.router, slots.length);
      return { layer, slots: slots.length, ranks, kinds: slots.map(({ kind }) => kind), hidden };
    });
}

/**
 * An engine without a GPU. Its "training" is a cheap function of everything that a real step
 * depends on (parameters, moments, batch, learning rate, step), so any deviation in what a session
 * feeds it shows in all later losses.
 */
export class FakeEngine implements Engine {
  config: EngineConfig;
  layers: readonly LayerSpace[];
  readonly ringSteps: number;
  readonly gpuBytes = 1000;
  readonly memory = { parameters: 1000 };
  /** Most steps that were unfinished at once. */
  mostInFlight = 0;
  isDestroyed = false;
  /** A lost device answers nothing any more. */
  isDead = false;
  evaluations = 0;
  readonly profilers: FakeProfiler[] = [];
  #submitted = 0;
  #unfinished = 0;
  #state: EngineState;
  #taken: Taken[] = [];
  #refused: NonFinite | null = null;
  #told: NonFinite | null = null;
  readonly #domains: number;

  constructor(config: EngineConfig, options: EngineOptions, ringSteps: number) {
    this.config = config;
    this.layers = layerSpaces(config);
    this.ringSteps = ringSteps;
    this.#domains = options.domains;
    this.#state = initialState(config, options.initStd, options.seedInit);
  }

  get parameterCount(): number {
    return [...this.#state.parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
  }

  get step(): number {
    return this.#submitted;
  }

  get nonFinite(): NonFinite | null {
    return this.#told;
  }

  submitStep(batch: Batch): void {
    const step = ++this.#submitted;
    this.#unfinished++;
    this.mostInFlight = Math.max(this.mostInFlight, this.#unfinished);
    const { lr, warmup } = this.config.optimizer;
    const rate = lr * Math.min(1, step / Math.max(1, warmup));
    const ce = this.#refused || rate >= EXPLODING_LR ? Number.NaN : this.#loss(batch);
    this.#taken.push({ step, ce, lr: rate });
    if (this.#taken.length > this.ringSteps) throw new Error(`ring of ${this.ringSteps} overflows`);
    if (Number.isNaN(ce)) this.#refused ??= { step };
    else this.#update(batch, rate);
  }

  async profiler(): Promise<FakeProfiler> {
    const profiler = new FakeProfiler(this);
    this.profilers.push(profiler);
    return profiler;
  }

  async settle(n: number): Promise<void> {
    await this.#answer();
    this.#unfinished = Math.min(this.#unfinished, n);
  }

  async readTelemetry(): Promise<StepRecords | null> {
    await this.#answer();
    if (this.#told !== null) return null;
    this.#told = this.#refused;
    const end = this.#refused?.step ?? Number.POSITIVE_INFINITY;
    const taken = this.#taken.splice(0).filter(({ step }) => step <= end);
    if (taken.length === 0) return null;
    const scalars = new Float32Array(taken.length * SCALAR_COUNT);
    taken.forEach(({ ce, lr }, i) => {
      scalars[i * SCALAR_COUNT + scalarColumn('ce')] = ce;
      scalars[i * SCALAR_COUNT + scalarColumn('lr')] = lr;
    });
    const layers = this.layers.map((space) => this.#loads(space, taken.length));
    return { firstStep: taken[0]!.step, n: taken.length, scalars, layers };
  }

  rewrite(config: EngineConfig): boolean {
    const rest = ({ optimizer: _optimizer, losses: _losses, ...other }: EngineConfig) => other;
    if (JSON.stringify(rest(config)) !== JSON.stringify(rest(this.config))) return false;
    this.config = config;
    return true;
  }

  async reconfigure(config: EngineConfig): Promise<void> {
    await this.#answer();
    const shapes = (of: EngineConfig) => JSON.stringify(parameterShapes(of));
    if (shapes(config) !== shapes(this.config))
      throw new Error('a parameter would change its shape');
    this.config = config;
    this.layers = layerSpaces(config);
  }

  get surgeries(): number {
    return this.#state.surgeries?.length ?? 0;
  }

  /** Keeps what has the same name and shape; the rest depends on the surgery's number. */
  async operate(config: EngineConfig, { number }: SurgeryOrder): Promise<void> {
    await this.#answer();
    const moved = (old: TensorMap, start: number): TensorMap =>
      new Map(
        parameterShapes(config).map(({ name, shape }) => {
          const kept = old.get(name);
          if (kept?.shape.join() === shape.join()) return [name, kept];
          const count = shape.reduce((product, n) => product * n, 1);
          return [name, { shape, data: new Float32Array(count).fill(start) }];
        }),
      );
    const none = { values: new Float32Array(), firstMoments: new Float32Array() };
    const record = { origins: [], removed: { ...none, secondMoments: new Float32Array() } };
    this.#state = {
      step: this.#state.step,
      parameters: moved(this.#state.parameters, 0.01 * number),
      firstMoments: moved(this.#state.firstMoments, 0),
      secondMoments: moved(this.#state.secondMoments, 0),
      surgeries: [...(this.#state.surgeries ?? []), record],
    };
    this.config = config;
    this.layers = layerSpaces(config);
  }

  async generationLoss(batch: Batch): Promise<Float32Array> {
    return new Float32Array(batch.tokens.length).fill(this.#loss(batch));
  }

  async evaluate(batch: Batch): Promise<{ ce: number; perToken: Float32Array }> {
    await this.#answer();
    this.evaluations++;
    const ce = this.#loss(batch);
    return { ce, perToken: Float32Array.from(batch.domains, (domain) => ce + domain) };
  }

  async nextLogits(
    tokens: ArrayLike<number>,
    _options: { capacity: boolean },
  ): Promise<Float32Array> {
    await this.#answer();
    const last = tokens[tokens.length - 1] ?? 0;
    return Float32Array.from({ length: this.config.model.V }, (_, v) => Math.cos(v * 2 + last));
  }

  /** Text of more than a sequence is recomputed; the first slot of every layer takes all. */
  async next(
    texts: readonly (ArrayLike<number> | null)[],
    { capacity, routing }: { capacity: boolean; routing: boolean },
  ): Promise<(NextToken | null)[]> {
    const { S } = this.config.batch;
    return Promise.all(
      texts.map(
        async (text) =>
          text && {
            logits: await this.nextLogits(Array.from(text).slice(-S), { capacity }),
            routing: routing
              ? this.layers.map(({ layer }) => ({
                  layer,
                  selected: Int32Array.of(0),
                  gates: Float32Array.of(1),
                }))
              : [],
            isRecomputed: text.length > S,
          },
      ),
    );
  }

  async inspect(batch: Batch, wants: Wants): Promise<InspectedTensors> {
    await this.#answer();
    const T = batch.tokens.length;
    const tensors = new Map(
      this.layers.flatMap(({ layer, ranks: W, slots: R }): [string, InspectedTensor][] => {
        const shape = [T, W];
        const selected = Int32Array.from({ length: T * W }, (_, i) => (batch.tokens[0]! + i) % R);
        // What a learning rate like this one leaves of the parameters.
        const bad = batch.tokens.length > 0 && this.config.optimizer.lr >= EXPLODING_LR;
        const z = new Float32Array(T * R).fill(bad && layer > 0 ? Number.NaN : 0);
        return [
          [`layers.${layer}.router_logits`, { shape: [T, R], data: z }],
          [`layers.${layer}.selected`, { shape, data: selected }],
          [`layers.${layer}.gates`, { shape, data: new Float32Array(T * W).fill(1 / W) }],
          [`layers.${layer}.dropped`, { shape, data: new Int32Array(T * W) }],
        ];
      }),
    );
    return new Map([...tensors].filter(([name]) => wants(name)));
  }

  async pass(request: PassRequest): Promise<Pass> {
    await this.#answer();
    return fakePass(this.layers, this.config.router.K, request);
  }

  async passLosses(request: PassRequest): Promise<Float32Array> {
    return (await this.pass(request)).ce;
  }

  async passLogits(request: PassRequest): Promise<Float32Array> {
    await this.#answer();
    return fakeLogits(request, this.config.model.V);
  }

  async readState(): Promise<EngineState> {
    await this.#answer();
    return copyState(this.#state);
  }

  loadState(state: EngineState): void {
    this.#state = copyState(state);
    this.#submitted = state.step;
    this.#unfinished = 0;
    this.#taken = [];
    this.#refused = null;
    this.#told = null;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  #answer(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isDead) setTimeout(resolve, 0);
    });
  }

  #loss(batch: Batch): number {
    let sum = 0;
    for (const { data } of this.#state.parameters.values()) sum += data[0]! + data.at(-1)!;
    batch.tokens.forEach((token, t) => {
      sum += Math.sin(token + t) * 0.1;
    });
    return Math.abs(sum);
  }

  #update(batch: Batch, rate: number): void {
    const push = Math.sin(batch.tokens.reduce((sum, token, t) => sum + token * (t + 1), 0));
    for (const [name, { data }] of this.#state.parameters) {
      const first = this.#state.firstMoments.get(name)!.data;
      const second = this.#state.secondMoments.get(name)!.data;
      for (const i of [0, data.length - 1]) {
        first[i] = 0.9 * first[i]! + 0.1 * (push + data[i]!);
        second[i] = 0.99 * second[i]! + 0.01 * push * push;
        data[i] = data[i]! - (rate * first[i]!) / (Math.sqrt(second[i]!) + 1e-3);
      }
    }
    this.#state.step = this.#submitted;
  }

  #loads({ layer, slots: R, ranks: W }: LayerSpace, n: number): LayerLoads {
    const T = this.config.batch.B * this.config.batch.S;
    const loads = layerLoads({ layer, R, W }, n, this.#domains);
    loads.assignments.fill(T / R);
    loads.meanProb.fill(1 / R);
    loads.meanGate.fill(1 / W);
    return loads;
  }
}
