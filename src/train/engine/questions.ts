import type { RouterConfig } from '../../config/experiment.ts';
import type { Batch } from '../../data/types.ts';
import type { GpuMemory } from '../../gpu/memory.ts';
import type { Decoder } from './decoder.ts';
import type { NextToken, Pass, PassRequest } from './engine.ts';
import type { GenerationLoss } from './generationLoss.ts';
import type { GpuEngineOptions } from './gpuPasses.ts';
import type { InspectedModel, Inspector } from './inspector.ts';
import type { RunPlan } from './passRuns.ts';
import type { Sampler } from './sampler.ts';
import type { PassMode } from './stepParams.ts';

interface Answering {
  sampler: Sampler;
  decoder: Decoder;
  inspector: Inspector;
  generation: GenerationLoss;
}

/** What a token is asked with: whether capacity drops assignments, and whether its routing is told. */
export interface NextOptions {
  capacity: boolean;
  routing: boolean;
}

/** What is asked of a model beside its training: its code is loaded, and its plans made, with the first question. */
export class Questions {
  readonly #options: GpuEngineOptions;
  readonly #model: () => InspectedModel;
  readonly #running: (mode: PassMode) => RunPlan;
  #answering: Answering | null = null;

  constructor(
    options: GpuEngineOptions,
    model: () => InspectedModel,
    running: (mode: PassMode) => RunPlan,
  ) {
    this.#options = options;
    this.#model = model;
    this.#running = running;
  }

  /** What it holds. */
  get memories(): GpuMemory[] {
    return this.#all.flatMap(({ memories }) => memories);
  }

  /** Nothing that is kept of texts holds any more: the parameters are others. */
  restart(): void {
    this.#answering?.decoder.restart();
  }

  /** Frees everything: the next question builds anew. */
  forget(): void {
    for (const one of this.#all) one.forget();
  }

  writePlaces(router: RouterConfig): void {
    this.#answering?.sampler.writePlaces(router);
    this.#answering?.inspector.writePlaces(router);
  }

  /** As `Engine.nextLogits`. */
  async nextLogits(tokens: ArrayLike<number>, capacity: boolean): Promise<Float32Array> {
    const { sampler } = await this.#ready();
    const { shared, config } = this.#model();
    return (await sampler.next(shared, config, tokens, { capacity, routing: false })).logits;
  }

  /** As `Engine.next`. @throws RangeError for what is refused */
  async next(
    texts: readonly (ArrayLike<number> | null)[],
    options: NextOptions,
  ): Promise<(NextToken | null)[]> {
    const { decoder, sampler } = await this.#ready();
    const { shared, config } = this.#model();
    const next = await decoder.next({ shared, config }, texts, options);
    for (const [i, text] of texts.entries()) {
      if (text === null || next[i] !== null) continue;
      const window = Array.prototype.slice.call(text, -config.batch.S);
      next[i] = await sampler.next(shared, config, window, options);
    }
    return next;
  }

  async pass(request: PassRequest): Promise<Pass> {
    return (await this.#ready()).inspector.pass(this.#model(), request);
  }

  async losses(request: PassRequest): Promise<Float32Array> {
    return (await this.#ready()).inspector.losses(this.#model(), request);
  }

  async logits(request: PassRequest): Promise<Float32Array> {
    return (await this.#ready()).inspector.logits(this.#model(), request);
  }

  /** As `Engine.generationLoss`. */
  async generationLoss(batch: Batch): Promise<Float32Array> {
    const { generation } = await this.#ready();
    const { shared, config } = this.#model();
    return generation.perToken(shared, config, batch);
  }

  get #all(): Answering[keyof Answering][] {
    return Object.values(this.#answering ?? {});
  }

  async #ready(): Promise<Answering> {
    const { Sampler, Decoder, Inspector, GenerationLoss } = await import('./asking.ts');
    const options = this.#options;
    this.#answering ??= {
      sampler: new Sampler(options, this.#running('sample')),
      decoder: new Decoder(options, (passes, plan, batch) =>
        this.#running('sample')(passes, plan, batch, false),
      ),
      inspector: new Inspector(options, this.#running('evaluate')),
      generation: new GenerationLoss(options, this.#running('sample')),
    };
    return this.#answering;
  }
}
