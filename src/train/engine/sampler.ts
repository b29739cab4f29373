import type { EngineConfig, RouterConfig } from '../../config/experiment.ts';
import { generationConfig } from '../../config/generation.ts';
import type { NextToken } from './engine.ts';
import { buildPasses, type Passes, type Shared } from './gpuPasses.ts';
import { readNext } from './nextToken.ts';
import { SidePasses } from './sidePasses.ts';

/** Passes over one sequence beside those that train. */
export class Sampler extends SidePasses {
  writePlaces(router: RouterConfig): void {
    this.passes?.network.writePlaces(router);
  }

  /** What may follow at most S tokens, all of them computed (engine.ts). */
  async next(
    shared: Shared,
    config: EngineConfig,
    tokens: ArrayLike<number>,
    { capacity, routing }: { capacity: boolean; routing: boolean },
  ): Promise<NextToken> {
    const { S } = config.batch;
    if (tokens.length < 1 || tokens.length > S) {
      throw new RangeError(`engine: ${tokens.length} tokens of context; 1 … ${S} are possible`);
    }
    const useCapacity = capacity && generationConfig(config).router.capacity !== null;
    // Causality hides what fills a sequence up, but it would take places from its tokens.
    const passes = await this.#over(shared, config, useCapacity ? tokens.length : S);
    const { T } = passes.batch;
    const padded = new Uint32Array(T);
    padded.set(tokens);
    const batch = { tokens: padded, targets: new Uint32Array(T), domains: new Uint8Array(T) };
    this.run(passes, passes.forward, batch, useCapacity);
    const { head, ffn } = passes.network;
    const rows = { first: tokens.length - 1, count: 1, of: T };
    const i = head.chunks.findLastIndex((chunk) => chunk.first <= rows.first);
    const plan = passes.logits[i];
    if (plan !== undefined) this.run(passes, plan, batch, useCapacity);
    const ran = { logits_TV: head.logits_TV, firstLogits: head.chunks[i]?.first ?? 0, ffn };
    const [next] = await readNext(shared.memory.device, ran, config, rows, routing);
    return { ...(next as NextToken), isRecomputed: true };
  }

  /** Passes over one sequence of S tokens. */
  async #over(shared: Shared, config: EngineConfig, S: number): Promise<Passes> {
    if (this.passes?.batch.T === S) return this.passes;
    this.forget();
    const alone = { ...generationConfig(config), batch: { B: 1, S } };
    this.passes = (await buildPasses(shared, alone, this.options, false)).passes;
    return this.passes;
  }
}
