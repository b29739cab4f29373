import type { EngineConfig } from '../../config/experiment.ts';
import { generationConfig } from '../../config/generation.ts';
import type { Batch } from '../../data/types.ts';
import { GpuMemory } from '../../gpu/memory.ts';
import { type Plan, PlanBuilder } from '../../gpu/plan.ts';
import { cachedAttention, giveFewRows } from '../../kernels/bodies.ts';
import { attentionCachedForward } from '../../kernels/cached.ts';
import { FEW_ROWS, MOST_ROWS } from '../../kernels/fewRows.ts';
import { telemetryLayout } from '../../layout/telemetry.ts';
import { BatchBuffer } from '../../model/batchBuffer.ts';
import { KeyValueCache } from '../../model/cachedAttention.ts';
import { DecodeNetwork } from '../../model/decodeNetwork.ts';
import { MOST_TEXTS, type NextToken } from './engine.ts';
import type { GpuEngineOptions, Shared } from './gpuPasses.ts';
import { readNext } from './nextToken.ts';

/** Runs a plan on a batch, in sampling mode. */
export type RunPlan = (passes: { batch: BatchBuffer }, plan: Plan, batch: Batch) => void;

/** The model that goes on with texts. */
export interface DecodedModel {
  shared: Shared;
  config: EngineConfig;
}

interface Cache {
  memory: GpuMemory;
  of: KeyValueCache;
}

/** A plan for T tokens at a time. */
interface Pass {
  T: number;
  memory: GpuMemory;
  batch: BatchBuffer;
  network: DecodeNetwork;
  plan: Plan;
}

/** A token, the row of the cache that its text has, and its position there. */
interface Placed {
  token: number;
  row: number;
  position: number;
}

/** Tokens of prompts that are computed at once: whole tiles of products, and little in vain for a short prompt. */
const CHUNK = 64;

/** Whether a text is what is kept of it, or that and one token more. */
function goesOn(text: ArrayLike<number>, kept: readonly number[]): boolean {
  if (kept.length === 0 || text.length < kept.length || text.length > kept.length + 1) return false;
  return kept.every((token, i) => text[i] === token);
}

/** @throws RangeError for what cannot be gone on with */
function checkTexts(texts: readonly (ArrayLike<number> | null)[], V: number): void {
  if (texts.length < 1 || texts.length > MOST_TEXTS)
    throw new RangeError(`engine: ${texts.length} texts at once; 1 … ${MOST_TEXTS} are possible`);
  for (const text of texts) {
    if (text === null) continue;
    if (text.length < 1) throw new RangeError('engine: 0 tokens of context; at least 1 is needed');
    const bad = Array.prototype.find.call(text, (id: number) => !(id >= 0 && id < V));
    if (bad !== undefined)
      throw new RangeError(`engine: token id ${bad}; 0 … ${V - 1} are possible`);
  }
}

/**
 * Texts that are gone on with side by side, a token of each at a time. Keys and values of their tokens are kept;
 * prompts are computed in chunks of tokens, whosesoever they are. Holds nothing before the first text.
 */
export class Decoder {
  readonly #options: GpuEngineOptions;
  readonly #run: RunPlan;
  #cache: Cache | null = null;
  /** The last tokens of all texts; those before them. */
  #last: Pass | null = null;
  #chunk: Pass | null = null;
  /** Tokens in the rows of the cache, at the parameters as they are. */
  #kept: number[][] = [];
  #restarts = 0;

  constructor(options: GpuEngineOptions, run: RunPlan) {
    this.#options = options;
    this.#run = run;
  }

  /** What it holds. */
  get memories(): GpuMemory[] {
    return [this.#cache, this.#last, this.#chunk].flatMap((one) => one?.memory ?? []);
  }

  /** Nothing that is kept holds any more: the parameters are others. */
  restart(): void {
    this.#kept = [];
    this.#restarts++;
  }

  /** Frees everything: the next text builds anew. */
  forget(): void {
    for (const memory of this.memories) memory.destroy();
    this.#cache = this.#last = this.#chunk = null;
    this.restart();
  }

  /**
   * As `Engine.next`; null also for texts whose window has to be computed as a whole.
   * @throws RangeError for what is refused
   */
  async next(
    model: DecodedModel,
    texts: readonly (ArrayLike<number> | null)[],
    { capacity, routing }: { capacity: boolean; routing: boolean },
  ): Promise<(NextToken | null)[]> {
    const { model: sizes, batch } = model.config;
    checkTexts(texts, sizes.V);
    const isDropping = capacity && generationConfig(model.config).router.capacity !== null;
    const fitting = texts.map((text) =>
      text === null || isDropping || text.length > batch.S ? null : Array.from(text),
    );
    if (fitting.every((text) => text === null)) return fitting.map(() => null);
    const last = await this.#passFor(model, texts.length);
    const restarts = this.#restarts;
    const kept = fitting.map((text, row) => text ?? this.#kept[row] ?? []);
    const earlier = kept.flatMap((tokens, row) =>
      goesOn(tokens, this.#kept[row] ?? [])
        ? []
        : tokens.slice(0, -1).map((token, position): Placed => ({ token, row, position })),
    );
    this.#kept = [];
    if (earlier.length > 0) await this.#fill(model, earlier);
    this.#queue(
      last,
      model,
      kept.map((tokens, row) => {
        const position = Math.max(tokens.length - 1, 0);
        return { token: tokens[position] ?? 0, row, position };
      }),
    );
    const rows = { first: 0, count: texts.length, of: texts.length };
    const { device } = model.shared.memory;
    const read = await readNext(device, last.network, model.config, rows, routing);
    if (restarts === this.#restarts) this.#kept = kept;
    return read.map((next, row) => (fitting[row] ? { ...next, isRecomputed: false } : null));
  }

  /** Puts keys and values of tokens into the cache. */
  async #fill(model: DecodedModel, tokens: readonly Placed[]): Promise<void> {
    const { of } = this.#cache as Cache;
    this.#chunk ??= await this.#build(model, of, CHUNK, false);
    for (let first = 0; first < tokens.length; first += CHUNK) {
      const some = tokens.slice(first, first + CHUNK);
      // A token more than once writes the same twice.
      while (some.length < CHUNK) some.push(some[0] as Placed);
      this.#queue(this.#chunk, model, some);
    }
  }

  #queue({ T, batch, network, plan }: Pass, model: DecodedModel, tokens: readonly Placed[]): void {
    const { S } = model.config.batch;
    const { buffer, offset } = network.places_T;
    const places = Uint32Array.from(tokens.flatMap(({ row, position }) => [row * S, position]));
    model.shared.memory.device.queue.writeBuffer(buffer, offset, places);
    this.#run({ batch }, plan, {
      tokens: Uint32Array.from(tokens, ({ token }) => token),
      targets: new Uint32Array(T),
      domains: new Uint8Array(T),
    });
  }

  /** The pass over the last tokens of so many texts, and their cache. */
  async #passFor(model: DecodedModel, texts: number): Promise<Pass> {
    if (this.#last?.T === texts) return this.#last;
    this.forget();
    const memory = new GpuMemory(model.shared.memory.device);
    try {
      const of = await memory.allocating(() => new KeyValueCache(memory, model.config, texts));
      const last = await this.#build(model, of, texts, true);
      this.#cache = { memory, of };
      this.#last = last;
      return last;
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }

  async #build(
    { shared, config }: DecodedModel,
    cache: KeyValueCache,
    T: number,
    hasLogits: boolean,
  ): Promise<Pass> {
    const { domains, adapterClass } = this.#options;
    const shaped = { ...generationConfig(config), batch: { B: T, S: 1 } };
    const memory = new GpuMemory(shared.memory.device);
    const builder = new PlanBuilder(memory, shared.step, adapterClass);
    if (T <= MOST_ROWS) giveFewRows(builder, FEW_ROWS);
    const body = (await cachedAttention(builder)) ?? { attentionCachedForward };
    try {
      const { batch, network } = await memory.allocating(() => {
        const batch = new BatchBuffer(memory, T, config.model.V);
        const telemetry = telemetryLayout(shaped, domains);
        // Passes that do not train write no record.
        const ring = memory.storage('ring', 0, 'telemetry');
        const weights = shared.parameters;
        const inputs = { config: shaped, weights, batch: batch.slices, telemetry, ring };
        const network = new DecodeNetwork(memory, inputs, cache, hasLogits);
        network.forward(builder, body);
        return { batch, network };
      });
      return { T, memory, batch, network, plan: await builder.build() };
    } catch (error) {
      memory.destroy();
      throw error;
    }
  }
}
