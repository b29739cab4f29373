import type { Intervention } from '../../analysis/inspection.ts';
import { checkInterventions, refusedRank } from '../../analysis/interventions.ts';
import type { BatchConfig, EngineConfig, RouterConfig } from '../../config/experiment.ts';
import { isNotCausal } from '../../config/generation.ts';
import { layerSpaces } from '../../config/layerSpaces.ts';
import type { Batch } from '../../data/types.ts';
import { GpuMemory } from '../../gpu/memory.ts';
import { type Plan, PlanBuilder } from '../../gpu/plan.ts';
import { readFloats, readWords } from '../../gpu/readback.ts';
import { Interventions } from '../../model/interventions.ts';
import type { MoeBlock } from '../../model/moeBlock.ts';
import type { Pass, PassRequest } from './engine.ts';
import { buildPasses, type GpuEngineOptions, type Passes, type Shared } from './gpuPasses.ts';
import { readLogits } from './logits.ts';
import { type BatchAsk, batchAsks } from './passPlan.ts';
import { LayerReader } from './passReader.ts';
import type { RunPlan } from './passRuns.ts';

/** The model that is inspected: its parameters, and the passes that train it. */
export interface InspectedModel {
  shared: Shared;
  config: EngineConfig;
  passes: Passes;
}

/** A plan for batches of one shape. */
interface Prepared {
  batch: BatchConfig;
  /** Whether the passes are its own, not those that train. */
  isOwn: boolean;
  passes: Passes;
  memory: GpuMemory;
  interventions: Interventions;
  plan: Plan;
}

/** Forced slots of one pass that there is room for from the start. */
const LEAST_FORCED = 256;

/** @throws RangeError for batches of unequal or impossible shape, or tokens that are none */
function checkBatches({ batches, S }: PassRequest, { model, batch }: EngineConfig): number {
  if (!(Number.isInteger(S) && S >= 1 && S <= batch.S))
    throw new RangeError(`Inspection: sequences of ${S} tokens; 1 … ${batch.S} are possible.`);
  const [first] = batches;
  if (first === undefined) throw new RangeError('Inspection: 0 batches; at least 1 is needed.');
  const T = first.tokens.length;
  const most = batch.B * batch.S;
  if (T === 0 || T % S !== 0 || T > most)
    throw new RangeError(
      `Inspection: batches of ${T} tokens; whole sequences of ${S} and at most ${most} tokens are possible.`,
    );
  for (const [b, { tokens, targets, domains }] of batches.entries()) {
    if (tokens.length !== T || targets.length !== T || domains.length !== T)
      throw new RangeError(
        `Inspection: batch ${b} has ${tokens.length} tokens, ${targets.length} targets and ${domains.length} domains; batch 0 has ${T} tokens.`,
      );
    const bad = [...tokens, ...targets].find((id) => id >= model.V);
    if (bad !== undefined)
      throw new RangeError(`Inspection: token id ${bad}; 0 … ${model.V - 1} are possible.`);
  }
  return T;
}

/** A batch with as many tokens of no meaning behind it as fill T. */
function filledUp(batch: Batch, T: number): Batch {
  if (batch.tokens.length === T) return batch;
  const filled = {
    tokens: new Uint32Array(T),
    targets: new Uint32Array(T),
    domains: new Uint8Array(T),
  };
  filled.tokens.set(batch.tokens);
  filled.targets.set(batch.targets);
  return filled;
}

/**
 * Inspections of a model (docs/analysis.md, "Inspection"): plans of their own, over the activations of
 * the passes that train where the shape is theirs. Holds nothing before the first question.
 */
export class Inspector {
  readonly #options: GpuEngineOptions;
  readonly #run: RunPlan;
  #prepared: Prepared[] = [];

  /** @param run runs a plan in evaluation mode */
  constructor(options: GpuEngineOptions, run: RunPlan) {
    this.#options = options;
    this.#run = run;
  }

  /** What it holds. */
  get memories(): GpuMemory[] {
    return this.#prepared.flatMap(({ isOwn, passes, memory }) =>
      isOwn ? [passes.memory, memory] : [memory],
    );
  }

  /** Frees everything: the next question builds anew. */
  forget(): void {
    for (const memory of this.memories) memory.destroy();
    this.#prepared = [];
  }

  writePlaces(router: RouterConfig): void {
    for (const { isOwn, passes, interventions } of this.#prepared) {
      if (isOwn) passes.network.writePlaces(router);
      interventions.writePlaces(router);
    }
  }

  /** @throws RangeError for what is refused */
  async pass(model: InspectedModel, request: PassRequest): Promise<Pass> {
    const { batches, S } = request;
    const { config } = model;
    const { device } = model.shared.memory;
    const T = checkBatches(request, config);
    const U = T * batches.length;
    const spaces = layerSpaces(config);
    const readers = spaces.map(({ layer }) => new LayerReader(device, config, layer, U));
    const ce = await this.#losses(model, request, T, ({ passes, interventions }, b) =>
      Promise.all(
        readers.map((reader) => {
          const { layer } = reader;
          const block = passes.network.ffn[layer] as MoeBlock;
          return reader.read(block.ffn, interventions.of(layer), { first: b * T, rows: T });
        }),
      ),
    );
    const all = (of: (batch: Batch) => ArrayLike<number>) => {
      const values = new Int32Array(U);
      batches.forEach((batch, b) => {
        values.set(of(batch), b * T);
      });
      return values;
    };
    return {
      n: batches.length,
      B: T / S,
      S,
      tokens: all((batch) => batch.tokens),
      targets: all((batch) => batch.targets),
      domains: all((batch) => batch.domains),
      ce,
      layers: readers.map((reader) => reader.layerOf()),
    };
  }

  /** Cross-entropy alone [U]. @throws RangeError for what is refused */
  async losses(model: InspectedModel, request: PassRequest): Promise<Float32Array> {
    return this.#losses(model, request, checkBatches(request, model.config), async () => undefined);
  }

  /** Logits [U, V]. @throws RangeError for what is refused */
  async logits(model: InspectedModel, request: PassRequest): Promise<Float32Array> {
    const T = checkBatches(request, model.config);
    const { device } = model.shared.memory;
    const { V } = model.config.model;
    const logits = new Float32Array(request.batches.length * T * V);
    const useCapacity = request.capacity && model.config.router.capacity !== null;
    await this.#losses(model, request, T, async ({ passes }, b) => {
      const batch = filledUp(request.batches[b] as Batch, passes.batch.T);
      const run = (plan: Plan) => this.#run(passes, plan, batch, useCapacity);
      logits.set(await readLogits(device, passes, { rows: T, V }, run), b * T * V);
    });
    return logits;
  }

  /**
   * Runs the batches one by one.
   * @param take queues the copies of what else is read of a pass, before it returns its promise
   */
  async #losses(
    model: InspectedModel,
    request: PassRequest,
    T: number,
    take: (prepared: Prepared, b: number) => Promise<unknown>,
  ): Promise<Float32Array> {
    const { config } = model;
    const { device } = model.shared.memory;
    const { batches, interventions: items } = request;
    const spaces = layerSpaces(config);
    checkInterventions(items, spaces, T * batches.length, config.router.selection);
    const asks = batchAsks(items, spaces, T, batches.length);
    const prepared = await this.#prepare(model, request, T, asks);
    const { passes, plan, interventions } = prepared;
    const useCapacity = request.capacity && config.router.capacity !== null;
    const ce = new Float32Array(T * batches.length);
    for (const [b, batch] of batches.entries()) {
      const ask = asks[b] as BatchAsk;
      interventions.write(ask.layers);
      this.#run(passes, plan, filledUp(batch, passes.batch.T), useCapacity);
      const [losses, refused] = await Promise.all([
        readFloats(device, { ...passes.network.loss_T, size: T * 4 }),
        ask.forced.length > 0 ? readWords(device, interventions.refused) : null,
        take(prepared, b),
      ]);
      if (refused !== null) refuseRanks(items, ask, refused);
      ce.set(losses, b * T);
    }
    return ce;
  }

  async #prepare(
    model: InspectedModel,
    { capacity, S }: PassRequest,
    T: number,
    asks: readonly BatchAsk[],
  ): Promise<Prepared> {
    const { config } = model;
    const B = T / S;
    // Causality hides what fills a sequence up, but it would take places from its tokens, and choose with them.
    const isHidden = !capacity && !isNotCausal(config.router);
    const batch = { B, S: B === 1 && isHidden ? config.batch.S : S };
    const forced = Math.max(...asks.map((ask) => ask.forced.length));
    const isShape = (other: BatchConfig) => other.B === batch.B && other.S === batch.S;
    const isOwn = !isShape(config.batch);
    const kept = this.#prepared.find((one) => isShape(one.batch));
    if (kept !== undefined && kept.interventions.mostForced >= forced) return kept;
    // One plan over the passes that train, and one beside them.
    this.#free(this.#prepared.filter((one) => one.isOwn === isOwn));
    const mostForced = Math.max(LEAST_FORCED, 2 * forced);
    const prepared = await this.#build(model, batch, isOwn, mostForced);
    this.#prepared.push(prepared);
    return prepared;
  }

  #free(some: readonly Prepared[]): void {
    for (const { isOwn, passes, memory } of some) {
      memory.destroy();
      if (isOwn) passes.memory.destroy();
    }
    this.#prepared = this.#prepared.filter((one) => !some.includes(one));
  }

  async #build(
    { shared, config, passes: trained }: InspectedModel,
    batch: BatchConfig,
    isOwn: boolean,
    mostForced: number,
  ): Promise<Prepared> {
    const shaped = { ...config, batch };
    const passes = isOwn
      ? (await buildPasses(shared, shaped, this.#options, false)).passes
      : trained;
    const memory = new GpuMemory(shared.memory.device);
    try {
      const interventions = await memory.allocating(
        () => new Interventions(memory, shaped, mostForced),
      );
      const builder = new PlanBuilder(memory, shared.step, this.#options.adapterClass);
      passes.network.forward(builder, interventions);
      passes.network.loss(builder, false);
      const plan = await builder.build();
      return { batch, isOwn, passes, memory, interventions, plan };
    } catch (error) {
      memory.destroy();
      if (isOwn) passes.memory.destroy();
      throw error;
    }
  }
}

/** @throws RangeError for the first item whose rank the token does not have */
function refuseRanks(
  items: readonly Intervention[],
  { forced }: BatchAsk,
  refused: Uint32Array,
): void {
  const wrong = forced.flatMap((item, i) => {
    const k = (refused[i] ?? 0) - 1;
    return k < 0 ? [] : [{ item, k, index: items.indexOf(item) }];
  });
  const [first] = wrong.sort((one, other) => one.index - other.index);
  if (first !== undefined) throw refusedRank(items, first.item, first.k);
}
