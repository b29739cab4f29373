/**
 * Questions to a model, answered at the current parameters between two steps. A new one is an entry
 * of `Inspections` and its function in `ANSWERS`; session, worker and page hand it through.
 */
import type { Inspection, Intervention } from '../../analysis/inspection.ts';
import type { Batch } from '../../data/types.ts';
import type { Asked } from './asked.ts';
import type { Engine, InspectedTensors, NextToken } from './engine.ts';
import { layerTensors } from './inspect.ts';
import { type LossesAsk, orRefused, type PassAsk, requestOf, textOf } from './passAsk.ts';

/** What one MoE layer chose for the tokens of a batch. */
export interface LayerRouting {
  layer: number;
  W: number;
  /** Slots by rank, −1 where none [T, W]. */
  selected: Int32Array;
  /** g of the selected slots [T, W]. */
  gates: Float32Array;
  /** 1 where capacity drops the assignment [T, W]. */
  dropped: Int32Array;
}

/** Something about the batch of `step`, at the parameters before that step. */
interface OfBatch {
  step: number;
  batch: Batch;
}
export interface BatchRouting extends OfBatch {
  layers: LayerRouting[];
}
export interface BatchTensors extends OfBatch {
  tensors: InspectedTensors;
}

/** Passes at the parameters after `step` steps. */
export interface PassAnswer {
  step: number;
  inspection: Inspection;
  /** With the interventions of `whatIf`; null where none were asked for. */
  whatIf: Inspection | null;
  /** Nats per token of every further request's pass [requests][U]. */
  ce: Float32Array[];
}
export interface LossesAnswer {
  step: number;
  /** Nats per token of every request's pass [requests][U]. */
  ce: Float32Array[];
}

export interface Inspections {
  /** What the next step's batch chooses, as that step will route it. */
  routing: { ask: null; answer: BatchRouting };
  /** Tensors of the next step's batch with a name (inspect.ts) that one of the patterns fits; * fits any text. */
  tensors: { ask: { names: readonly string[] }; answer: BatchTensors };
  /** A forward pass in evaluation mode, with interventions or without (docs/analysis.md, "Inspection"). */
  pass: { ask: PassAsk; answer: PassAnswer };
  /** The losses alone of many lists of interventions over the same text, a pass each. */
  losses: { ask: LossesAsk; answer: LossesAnswer };
  /** Logits [tokens, V] of a sequence alone in its batch, in evaluation mode; nothing is dropped. */
  logits: { ask: { tokens: ArrayLike<number> }; answer: { logits: Float32Array } };
  /** Logits [V] behind a text, as sampling takes them; nothing is dropped. One that goes on where the last one stood is quick. */
  next: { ask: { tokens: ArrayLike<number> }; answer: { logits: Float32Array } };
  /** UTF-8 of every token id [V]; that of a part of a character is a part of it. */
  vocabulary: { ask: null; answer: { texts: Uint8Array[] } };
}
export type InspectionKind = keyof Inspections;

type Answers = {
  readonly [K in InspectionKind]: (
    asked: Asked,
    ask: Inspections[K]['ask'],
  ) => Promise<Inspections[K]['answer']>;
};

export const ANSWERS: Answers = {
  async routing({ engine, text, step }) {
    const batch = text.trainingBatch(step);
    return { step, batch, layers: await readRouting(engine, batch) };
  },
  async tensors({ engine, text, step }, { names }) {
    const batch = text.trainingBatch(step);
    const wants = names.map(fits);
    const tensors = await engine.inspect(batch, (name) => wants.some((does) => does(name)));
    return { step, batch, tensors };
  },
  async pass(asked, { interventions = [], requests = [], whatIf, ...ask }) {
    const { engine, step } = asked;
    const { domainNames, ...request } = requestOf(asked, ask);
    const passOf = async (items: readonly Intervention[]): Promise<Inspection> => {
      const pass = await orRefused(engine.pass({ ...request, interventions: items }));
      return { ...pass, domainNames };
    };
    const inspection = await passOf(interventions);
    const changed = whatIf === undefined ? null : await passOf(whatIf);
    const ce: Float32Array[] = [];
    for (const items of requests)
      ce.push(await orRefused(engine.passLosses({ ...request, interventions: items })));
    return { step: step - 1, inspection, whatIf: changed, ce };
  },
  async losses(asked, { requests, ...ask }) {
    const { engine, step } = asked;
    const { domainNames: _, ...request } = requestOf(asked, ask);
    const ce: Float32Array[] = [];
    for (const interventions of requests) {
      ce.push(await orRefused(engine.passLosses({ ...request, interventions })));
    }
    return { step: step - 1, ce };
  },
  async logits({ engine }, { tokens }) {
    const all = Uint32Array.from(tokens);
    const T = all.length;
    // The targets decide nothing of logits.
    const batch = { tokens: all, targets: new Uint32Array(T), domains: new Uint8Array(T) };
    const request = { batches: [batch], S: T, capacity: false, interventions: [] };
    return { logits: await orRefused(engine.passLogits(request)) };
  },
  async next({ engine }, { tokens }) {
    const options = { capacity: false, routing: false };
    const [next] = await orRefused(engine.next([tokens], options));
    return { logits: (next as NextToken).logits };
  },
  async vocabulary({ text: { tokenizer } }) {
    const ids = Array.from({ length: tokenizer.size }, (_, id) => id);
    return { texts: ids.map((id) => textOf(tokenizer, id)) };
  },
};

/** The memory of an answer, to be handed over instead of copied; the batch is the text's own. */
export function inspectionBuffers(answer: Inspections[InspectionKind]['answer']): ArrayBuffer[] {
  const read: object = { ...answer, batch: null };
  const buffers = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
    } else if (value instanceof Map) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(read);
  return [...buffers];
}

/** Routing of a batch in training mode. */
export async function readRouting(
  engine: Pick<Engine, 'layers' | 'inspect'>,
  batch: Batch,
): Promise<LayerRouting[]> {
  const tensors = await engine.inspect(batch, (name) => /\.(selected|gates|dropped)$/.test(name));
  return engine.layers.map(({ layer, ranks: W }) => {
    const tensor = layerTensors(tensors, layer);
    return {
      layer,
      W,
      selected: Int32Array.from(tensor('selected').data),
      gates: Float32Array.from(tensor('gates').data),
      dropped: Int32Array.from(tensor('dropped').data),
    };
  });
}

/** Whether a name is as the pattern says. */
function fits(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const whole = new RegExp(`^${parts.join('.*')}$`);
  return (name) => whole.test(name);
}
