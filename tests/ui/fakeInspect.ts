import type { Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { Engine, InspectedTensor } from '../../src/train/engine/engine.ts';
import {
  ANSWERS,
  type InspectionKind,
  type Inspections,
} from '../../src/train/engine/inspections.ts';

const VOCABULARY = 256;

interface Fake {
  experiment: Experiment;
  spaces: readonly LayerSpace[];
  /** The step to come. */
  step: number;
}

/** Answers a question to a model that is not there, about a batch of its own. */
export function fakeAnswer<K extends InspectionKind>(
  { experiment, spaces, step }: Fake,
  kind: K,
  ask: Inspections[K]['ask'],
): Promise<Inspections[K]['answer']> {
  const { B, S } = experiment.batch;
  const text = Uint32Array.from({ length: B * S }, (_, t) => hashChain(step, t) % VOCABULARY);
  const batch = { tokens: text, targets: text, domains: new Uint8Array(B * S) };
  const engine = { layers: spaces, inspect: fakeInspect(spaces, experiment.router.K) };
  return ANSWERS[kind]({ engine, step, batch }, ask);
}

/** Plausible logits, and the K most probable slots of every token, in order. */
function fakeInspect(spaces: readonly LayerSpace[], K: number): Engine['inspect'] {
  return async ({ tokens }, wants) => {
    const T = tokens.length;
    const tensors = new Map<string, InspectedTensor>();
    for (const { layer, slots: R, ranks: W } of spaces) {
      const logits = new Float32Array(T * R);
      const selected = new Int32Array(T * W).fill(-1);
      const gates = new Float32Array(T * W);
      for (let t = 0; t < T; t++) {
        for (let r = 0; r < R; r++)
          logits[t * R + r] = hashChain(11, layer, r, tokens[t]!) / 2 ** 31 - 1;
        const row = logits.subarray(t * R, (t + 1) * R);
        const sum = row.reduce((total, z) => total + Math.exp(z), 0);
        const order = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]!);
        for (let w = 0; w < Math.min(W, K); w++) {
          selected[t * W + w] = order[w]!;
          gates[t * W + w] = Math.exp(row[order[w]!]!) / sum;
        }
      }
      const put = (name: string, width: number, data: InspectedTensor['data']) => {
        const full = `layers.${layer}.${name}`;
        if (wants(full)) tensors.set(full, { shape: [T, width], data });
      };
      put('router_logits', R, logits);
      put('selected', W, selected);
      put('gates', W, gates);
      put('dropped', W, new Int32Array(T * W));
    }
    return tensors;
  };
}
