import type { GpuMemory } from '../../gpu/memory.ts';
import type { DecodedModel, Decoder } from './decoder.ts';
import type { NextToken } from './engine.ts';
import type { GpuEngineOptions } from './gpuPasses.ts';
import type { RunPlan } from './passRuns.ts';
import type { Sampler } from './sampler.ts';

/** What texts are gone on with by: an engine's decoder, loaded and made with the first, and whole windows. */
export class Decoding {
  readonly #options: GpuEngineOptions;
  readonly #sampler: Sampler;
  readonly #run: RunPlan;
  #decoder: Decoder | null = null;

  /** @param run runs a plan in sampling mode */
  constructor(options: GpuEngineOptions, sampler: Sampler, run: RunPlan) {
    this.#options = options;
    this.#sampler = sampler;
    this.#run = run;
  }

  /** What the decoder holds. */
  get memories(): GpuMemory[] {
    return this.#decoder?.memories ?? [];
  }

  /** Nothing that is kept of texts holds any more: the parameters are others. */
  restart(): void {
    this.#decoder?.restart();
  }

  /** Frees everything: the next text builds anew. */
  forget(): void {
    this.#decoder?.forget();
  }

  /** As `Engine.next`. @throws RangeError for what is refused */
  async next(
    { shared, config }: DecodedModel,
    texts: readonly (ArrayLike<number> | null)[],
    options: { capacity: boolean; routing: boolean },
  ): Promise<(NextToken | null)[]> {
    const { Decoder } = await import('./decoder.ts');
    this.#decoder ??= new Decoder(this.#options, (passes, plan, batch) =>
      this.#run(passes, plan, batch, false),
    );
    const next = await this.#decoder.next({ shared, config }, texts, options);
    for (const [i, text] of texts.entries()) {
      if (text === null || next[i] !== null) continue;
      const window = Array.prototype.slice.call(text, -config.batch.S);
      next[i] = await this.#sampler.next(shared, config, window, options);
    }
    return next;
  }
}
