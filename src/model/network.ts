import { AUX_TERMS } from '../config/auxTerms.ts';
import type { EngineConfig, RouterConfig } from '../config/experiment.ts';
import { isMoeLayer } from '../config/layers.ts';
import type { GpuMemory } from '../gpu/memory.ts';
import type { PlanBuilder } from '../gpu/plan.ts';
import type { Slice } from '../gpu/slice.ts';
import { alibiSlopes } from '../kernels/attention.ts';
import { embeddingBackward, embeddingForward } from '../kernels/embedding.ts';
import { ropeTables } from '../kernels/headPrepare.ts';
import { pad4 } from '../layout/sizes.ts';
import type { TelemetryLayout } from '../layout/telemetry.ts';
import { AttentionBlock } from './attentionBlock.ts';
import type {
  BatchSlices,
  HistorySlices,
  NetworkContext,
  Stream,
  WeightSlices,
} from './context.ts';
import { DenseBlock } from './denseBlock.ts';
import { constantBuffer } from './experts.ts';
import { Head } from './head.ts';
import type { Interventions } from './interventions.ts';
import { MoeBlock } from './moeBlock.ts';
import { NormBlock } from './normBlock.ts';
import { ScratchPool } from './scratch.ts';

/** What a network is given: buffers that outlive it. */
export interface NetworkInputs {
  config: EngineConfig;
  weights: WeightSlices;
  batch: BatchSlices;
  telemetry: TelemetryLayout;
  ring: Slice;
  /** Where the balance loss over a window keeps its counts; none where nothing trains. */
  histories?: HistorySlices;
}

function floatsBuffer(memory: GpuMemory, label: string, values: Float32Array): Slice {
  return constantBuffer(memory, label, new Uint32Array(values.buffer.slice(0)));
}

/** What the blocks share, for a batch of the configuration's shape. */
export function makeContext(memory: GpuMemory, inputs: NetworkInputs): NetworkContext {
  const { config, telemetry } = inputs;
  const { H, D, positions, ropeBase } = config.model;
  const { B, S } = config.batch;
  const T = B * S;
  const rope = positions === 'rope' ? ropeTables(S, D / H, ropeBase) : null;
  const slopes = positions === 'alibi' ? alibiSlopes(H) : new Float32Array(H);
  return {
    ...inputs,
    T,
    memory,
    scratch: new ScratchPool(memory),
    aux_LA: memory.storage(
      'aux_LA',
      Math.max(telemetry.sections.length, 1) * AUX_TERMS.length * 4,
      'other',
    ),
    hasAuxLosses: true,
    rope: rope && {
      cos_SP: floatsBuffer(memory, 'cos_SP', rope.cos),
      sin_SP: floatsBuffer(memory, 'sin_SP', rope.sin),
    },
    slopes_H: floatsBuffer(memory, 'slopes_H', slopes),
    identity: {
      row_token_J: constantBuffer(
        memory,
        'identity:row_token_J',
        Uint32Array.from({ length: T }, (_, t) => t),
      ),
      row_coef_J: floatsBuffer(memory, 'identity:row_coef_J', new Float32Array(T).fill(1)),
    },
  };
}

/** The FFN blocks of all layers, in order. */
export function ffnBlocks(context: NetworkContext): (DenseBlock | MoeBlock)[] {
  const { model } = context.config;
  let previous: MoeBlock | null = null;
  return Array.from({ length: model.L }, (_, l) => {
    if (!isMoeLayer(model, l)) return new DenseBlock(context, l);
    previous = new MoeBlock(context, l, previous);
    return previous;
  });
}

/** The transformer of docs/model.md, "Network": all activations of one batch shape, and its passes. */
export class Network {
  readonly context: NetworkContext;
  readonly attention: readonly AttentionBlock[];
  readonly ffn: readonly (DenseBlock | MoeBlock)[];
  readonly head: Head;
  private readonly embedded_TD: Slice;
  private readonly finalNorm: NormBlock;

  constructor(memory: GpuMemory, inputs: NetworkInputs) {
    const context = makeContext(memory, inputs);
    const { config, T, scratch } = context;
    const { D, L } = config.model;
    this.context = context;
    this.embedded_TD = memory.storage('embedded_TD', T * pad4(D) * 4, 'activations');
    this.attention = Array.from({ length: L }, (_, l) => new AttentionBlock(context, l));
    this.ffn = ffnBlocks(context);
    this.finalNorm = new NormBlock(context, 'final_norm.weight');
    this.head = new Head(context, this.finalNorm.normed_TD);
    scratch.reserve('dx_TD', T * pad4(D));
  }

  /** Writes what γ and τ decide, for passes to come. */
  writePlaces(router: RouterConfig): void {
    for (const block of this.ffn) if (block instanceof MoeBlock) block.ffn.writePlaces(router);
  }

  /** Moves what rules move of the layers once a step is done. @param state of clip.finish */
  moveStates(plan: PlanBuilder, state: Slice): void {
    this.ffn.forEach((block, l) => {
      plan.layer = l;
      if (block instanceof MoeBlock) block.ffn.moveStates(plan, state);
    });
    plan.layer = null;
  }

  get loss_T(): Slice {
    return this.head.loss_T;
  }

  /**
   * Up to the logits, where all of them fit one binding; else up to what they are made of.
   * @param interventions of an inspection's plan; nothing of them is in others
   */
  forward(plan: PlanBuilder, interventions: Interventions | null = null): void {
    const { weights, batch, config, T } = this.context;
    const { D, V } = config.model;
    const { embedded_TD, finalNorm } = this;
    const embed_VD = weights.weight('embed.weight');
    embeddingForward(plan, { tokens_T: batch.tokens_T, embed_VD, x_TD: embedded_TD }, { T, D, V });
    let stream: Stream = { x_TD: embedded_TD, y_TD: null };
    this.attention.forEach((attention, l) => {
      plan.layer = l;
      stream = attention.forward(plan, stream);
      const block = this.ffn[l] as DenseBlock | MoeBlock;
      stream =
        block instanceof MoeBlock
          ? block.forward(plan, stream, interventions?.of(l))
          : block.forward(plan, stream);
    });
    plan.layer = null;
    finalNorm.forward(plan, stream);
    this.head.forward(plan);
  }

  /** Cross-entropy per token; in training the logits become their gradient. */
  loss(plan: PlanBuilder, backward: boolean): void {
    this.head.loss(plan, backward);
  }

  /** Gradients of all parameters, once the training loss is computed. */
  backward(plan: PlanBuilder): void {
    const { weights, batch, config, scratch } = this.context;
    const { D, V, tied } = config.model;
    const { finalNorm, head } = this;
    const dx_TD = scratch.slice('dx_TD');
    head.backward(plan);
    finalNorm.backward(plan, dx_TD, false);
    for (let l = config.model.L - 1; l >= 0; l--) {
      plan.layer = l;
      (this.ffn[l] as DenseBlock | MoeBlock).backward(plan, dx_TD);
      (this.attention[l] as AttentionBlock).backward(plan, dx_TD);
    }
    plan.layer = null;
    const { starts_V1, positions_T } = batch;
    const dembed_VD = weights.gradient('embed.weight');
    const io = { starts_V1, positions_T, dx_TD, dembed_VD };
    embeddingBackward(plan, io, { D, V, accumulate: tied });
  }
}
