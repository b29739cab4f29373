/** The model in jax-js: one jitted function takes a whole step. */
import {
  blockUntilReady,
  defaultDevice,
  getWebGPUDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { describeAdapter } from '../../src/gpu/adapterInfo.ts';
import { layerInput, productInputs, sumOfSquares } from '../inputs.ts';
import { randomBatch } from '../shapes.ts';
import type { Library, ProductSize, Work } from '../subject.ts';
import { adamwNumbers, type Matrix, type PeerModel, peerModel, transposed } from './model.ts';

type Params = Record<string, np.Array>;

function toArray({ data, shape }: Matrix): np.Array {
  return np.array(data).reshape(shape);
}

/** A reference of one's own to a parameter. */
function weight(params: Params, name: string): np.Array {
  const array = params[name];
  if (!array) throw new Error(`jax: there is no parameter ${name}`);
  return array.ref;
}

function rmsNorm(x: np.Array, w: np.Array, eps: number): np.Array {
  const scale = np.sqrt(np.mean(np.square(x.ref), -1, { keepdims: true }).add(eps));
  return x.div(scale).mul(w);
}

/** Turns pairs (i, i + C/2) of every head; x [B, S, H, C], tables [S, 1, C/2]. */
function rotate(x: np.Array, cos: np.Array, sin: np.Array): np.Array {
  const [a, b] = np.split(x, 2, -1);
  if (!a || !b) throw new Error('jax: a head has two halves');
  const first = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
  const second = b.mul(cos).add(a.mul(sin));
  return np.concatenate([first, second], -1);
}

function attention(params: Params, layer: number, x: np.Array, model: PeerModel): np.Array {
  const { B, S, H, D, T } = model;
  const heads = (name: string, input: np.Array) =>
    np.matmul(input, weight(params, `${layer}.${name}`)).reshape([B, S, H, D / H]);
  const table = (matrix: Matrix) => toArray(matrix).reshape([S, 1, D / H / 2]);
  const q = rotate(heads('q', x.ref), table(model.cos), table(model.sin));
  const k = rotate(heads('k', x.ref), table(model.cos), table(model.sin));
  const mixed = nn.dotProductAttention(q, k, heads('v', x), { isCausal: true });
  return np.matmul(mixed.reshape([T, D]), weight(params, `${layer}.o`));
}

/** silu(gate)·up of all experts side by side [T, E·F]. */
function hidden(params: Params, layer: number, m: np.Array): np.Array {
  const gate = np.matmul(m.ref, weight(params, `${layer}.gate`));
  return nn.silu(gate).mul(np.matmul(m, weight(params, `${layer}.up`)));
}

/** 1 at the largest logit of every token [T, E]; ties do not occur. */
function largest(z: np.Array): np.Array {
  const most = np.max(z.ref, -1, { keepdims: true });
  return np.equal(z, most).astype(np.float32);
}

/**
 * Every expert computes every token; gates of experts that were not chosen are 0. The two choices are
 * two maxima, as in GShard's top-2 gating: `lax.topK` takes twice as long, and `np.argmax` before
 * `nn.oneHot` is computed anew for every hidden unit, which at M takes minutes and gigabytes.
 */
function moe(
  params: Params,
  layer: number,
  m: np.Array,
  { T, E, F, K, switchAlpha }: PeerModel,
): { y: np.Array; aux: np.Array } {
  if (K !== 2) throw new Error(`jax: top-${K} is not written, only top-2`);
  const z = np.matmul(m.ref, weight(params, `${layer}.router`));
  const p = nn.softmax(z.ref, -1);
  const logits = lax.stopGradient(z);
  const first = largest(logits.ref);
  const second = largest(logits.sub(first.ref.mul(1e9)));
  const kept = p.ref.mul(first.ref.add(second));
  const gates = kept.ref.div(np.sum(kept, -1, { keepdims: true }));
  const scaled = hidden(params, layer, m)
    .reshape([T, E, F])
    .mul(gates.reshape([T, E, 1]));
  const y = np.matmul(scaled.reshape([T, E * F]), weight(params, `${layer}.down`));
  return { y, aux: np.sum(np.mean(first, 0).mul(np.mean(p, 0))).mul(switchAlpha * E) };
}

function lossOf(params: Params, tokens: np.Array, targets: np.Array, model: PeerModel): np.Array {
  const { L, E, V, eps } = model;
  let x = np.take(weight(params, 'embed'), tokens, 0);
  let aux = np.array(0);
  for (let l = 0; l < L; l++) {
    const a = rmsNorm(x.ref, weight(params, `${l}.attn_norm`), eps);
    x = x.add(attention(params, l, a, model));
    const m = rmsNorm(x.ref, weight(params, `${l}.ffn_norm`), eps);
    if (E === 0) {
      x = x.add(np.matmul(hidden(params, l, m), weight(params, `${l}.down`)));
    } else {
      const out = moe(params, l, m, model);
      x = x.add(out.y);
      aux = aux.add(out.aux);
    }
  }
  const normed = rmsNorm(x, weight(params, 'final_norm'), eps);
  const logits = np.matmul(normed, weight(params, 'head'));
  const picked = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, V));
  tree.dispose(params);
  return aux.sub(np.mean(np.sum(picked, -1)));
}

function makeStep(model: PeerModel) {
  const { beta1, beta2, eps } = model.optimizer;
  return jit(
    (
      params: Params,
      m: Params,
      v: Params,
      tokens: np.Array,
      targets: np.Array,
      numbers: { keep: np.Array; scale: np.Array; gain: np.Array },
    ) => {
      const objective = (p: Params) => lossOf(p, tokens, targets, model);
      const [loss, grads] = valueAndGrad(objective)(tree.ref(params));
      const next: { params: Params; m: Params; v: Params } = { params: {}, m: {}, v: {} };
      for (const [name, grad] of Object.entries(grads)) {
        const first = weight(m, name)
          .mul(beta1)
          .add(grad.ref.mul(1 - beta1));
        const second = weight(v, name)
          .mul(beta2)
          .add(np.square(grad).mul(1 - beta2));
        const old = weight(params, name);
        const kept = old.shape.length > 1 ? old.mul(numbers.keep.ref) : old;
        const scale = np.sqrt(second.ref.mul(numbers.gain.ref)).add(eps);
        next.params[name] = kept.sub(first.ref.mul(numbers.scale.ref).div(scale));
        next.m[name] = first;
        next.v[name] = second;
      }
      tree.dispose([params, m, v, numbers]);
      return { loss, ...next };
    },
  );
}

async function trainingWork(config: EngineConfig): Promise<Work> {
  const model = peerModel(config);
  const batch = randomBatch(config);
  const ints = (values: Uint32Array) => np.array(Int32Array.from(values), { dtype: np.int32 });
  const [tokens, targets] = [ints(batch.tokens), ints(batch.targets)];
  const all = (make: (matrix: Matrix) => np.Array): Params =>
    Object.fromEntries([...model.weights].map(([name, matrix]) => [name, make(matrix)]));
  let [params, m, v] = [
    all(toArray),
    all(({ shape }) => np.zeros(shape)),
    all(({ shape }) => np.zeros(shape)),
  ];
  let loss = np.array(0);
  let step = 0;
  const takeStep = makeStep(model);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        const { keep, scale, gain } = adamwNumbers(model, ++step);
        const numbers = { keep: np.array(keep), scale: np.array(scale), gain: np.array(gain) };
        loss.dispose();
        ({ loss, params, m, v } = takeStep(params, m, v, tokens.ref, targets.ref, numbers));
        // All outputs of one jitted call are dispatched together, in order: one wait is enough.
        await blockUntilReady(loss);
      }
    },
    value: async () => (await loss.ref.data())[0] ?? Number.NaN,
    destroy() {
      tree.dispose([params, m, v]);
      tree.dispose([loss, tokens, targets]);
      takeStep.dispose();
    },
  };
}

async function layerWork(config: EngineConfig): Promise<Work> {
  const model = peerModel(config);
  const m = np.array(Float32Array.from(layerInput(config))).reshape([model.T, model.D]);
  const names = ['router', 'gate', 'up', 'down'].map((name) => `0.${name}`);
  const params: Params = Object.fromEntries(
    [...model.weights]
      .filter(([name]) => names.includes(name))
      .map(([name, w]) => [name, toArray(w)]),
  );
  const forward = jit((p: Params, input: np.Array) => {
    const { y, aux } = moe(p, 0, input, model);
    aux.dispose();
    tree.dispose(p);
    return y;
  });
  return repeated(() => forward(tree.ref(params), m.ref));
}

function productWork({ m, n, k }: ProductSize): Work {
  const { x, w } = productInputs({ m, n, k });
  const a = np.array(Float32Array.from(x)).reshape([m, k]);
  const b = np.array(transposed(w, n, k)).reshape([k, n]);
  return repeated(() => np.matmul(a.ref, b.ref));
}

/** Work without a state: all runs are queued, then waited for. */
function repeated(compute: () => np.Array): Work {
  let last = np.array(0);
  return {
    async run(times) {
      const results = Array.from({ length: times }, compute);
      await blockUntilReady(results);
      tree.dispose(last);
      last = results.pop() ?? np.array(0);
      tree.dispose(results);
    },
    value: async () => sumOfSquares(await last.ref.data()),
    destroy: () => last.dispose(),
  };
}

export function jaxLibrary(): Library {
  return {
    async open() {
      const devices = await init('webgpu');
      if (!devices.includes('webgpu')) throw new Error('jax-js finds no WebGPU');
      defaultDevice('webgpu');
      return (await describeAdapter({ info: getWebGPUDevice().adapterInfo })).description;
    },
    async prepare(spec) {
      switch (spec.kind) {
        case 'train':
          return trainingWork(spec.config);
        case 'moeForward':
          return layerWork(spec.config);
        case 'matmul':
          return productWork(spec.size);
        default:
          throw new Error(`jax-js is not asked for ${spec.kind}`);
      }
    },
  };
}
