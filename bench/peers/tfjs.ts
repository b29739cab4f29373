/** The model in TensorFlow.js on its WebGPU backend. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { describeAdapter } from '../../src/gpu/adapterInfo.ts';
import { layerInput, productInputs, sumOfSquares } from '../inputs.ts';
import { randomBatch } from '../shapes.ts';
import type { Library, ProductSize, Work } from '../subject.ts';
import { adamwNumbers, type Matrix, type PeerModel, peerModel, transposed } from './model.ts';

type Params = ReadonlyMap<string, tf.Tensor>;

function weight(params: Params, name: string): tf.Tensor {
  const tensor = params.get(name);
  if (!tensor) throw new Error(`tfjs: there is no parameter ${name}`);
  return tensor;
}

function tensorOf({ data, shape }: Matrix): tf.Tensor {
  return tf.tensor(data, shape);
}

function rmsNorm(x: tf.Tensor, w: tf.Tensor, eps: number): tf.Tensor {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps));
  return tf.mul(tf.mul(x, scale), w);
}

/** What attention needs beside the weights: made once. */
interface Tables {
  /** [S, C/2] */
  cos: tf.Tensor;
  sin: tf.Tensor;
  /** 0 where a key is visible, a large negative number elsewhere [S, S]. */
  mask: tf.Tensor;
}

function makeTables({ S, cos, sin }: PeerModel): Tables {
  const hidden = Float32Array.from({ length: S * S }, (_, i) =>
    i % S > Math.floor(i / S) ? -1e9 : 0,
  );
  return { cos: tensorOf(cos), sin: tensorOf(sin), mask: tf.tensor2d(hidden, [S, S]) };
}

/** Turns pairs (i, i + C/2) of every head; x [B, H, S, C]. */
function rotate(x: tf.Tensor, { cos, sin }: Tables): tf.Tensor {
  const [a, b] = tf.split(x, 2, -1);
  if (!a || !b) throw new Error('tfjs: a head has two halves');
  const first = tf.sub(tf.mul(a, cos), tf.mul(b, sin));
  const second = tf.add(tf.mul(b, cos), tf.mul(a, sin));
  return tf.concat([first, second], -1);
}

function attention(params: Params, layer: number, x: tf.Tensor, model: PeerModel, tables: Tables) {
  const { B, S, H, D, T } = model;
  const heads = (name: string) => {
    const projected = tf.matMul(x, weight(params, `${layer}.${name}`));
    return tf.transpose(tf.reshape(projected, [B, S, H, D / H]), [0, 2, 1, 3]);
  };
  const scores = tf.matMul(rotate(heads('q'), tables), rotate(heads('k'), tables), false, true);
  const weights = tf.softmax(tf.add(tf.mul(scores, Math.sqrt(H / D)), tables.mask));
  const mixed = tf.transpose(tf.matMul(weights, heads('v')), [0, 2, 1, 3]);
  return tf.matMul(tf.reshape(mixed, [T, D]), weight(params, `${layer}.o`));
}

/** silu(gate)·up of all experts side by side [T, E·F]. */
function hidden(params: Params, layer: number, m: tf.Tensor): tf.Tensor {
  const gate = tf.matMul(m, weight(params, `${layer}.gate`));
  return tf.mul(tf.mul(gate, tf.sigmoid(gate)), tf.matMul(m, weight(params, `${layer}.up`)));
}

/** 1 where a slot is among the k largest [T, E]; a constant for differentiation. */
function chosen(z: tf.Tensor, k: number, E: number): tf.Tensor {
  const constant = tf.customGrad((x) => {
    if (!(x instanceof tf.Tensor)) throw new Error('tfjs: the logits are a tensor');
    const slots = tf.cast(tf.topk(x, k).indices, 'int32');
    const value = tf.sum(tf.oneHot(slots, E, 1, 0, 'float32'), 1);
    return { value, gradFunc: () => tf.zerosLike(x) };
  });
  return constant(z);
}

/** Every expert computes every token; gates of experts that were not chosen are 0. */
function moe(
  params: Params,
  layer: number,
  m: tf.Tensor,
  { T, E, F, K, switchAlpha }: PeerModel,
): { y: tf.Tensor; aux: tf.Tensor } {
  const z = tf.matMul(m, weight(params, `${layer}.router`));
  const p = tf.softmax(z);
  const kept = tf.mul(p, chosen(z, K, E));
  const gates = tf.div(kept, tf.sum(kept, -1, true));
  const all = tf.reshape(hidden(params, layer, m), [T, E, F]);
  const scaled = tf.reshape(tf.mul(all, tf.reshape(gates, [T, E, 1])), [T, E * F]);
  const y = tf.matMul(scaled, weight(params, `${layer}.down`));
  const first = tf.mean(chosen(z, 1, E), 0);
  return { y, aux: tf.mul(tf.sum(tf.mul(first, tf.mean(p, 0))), switchAlpha * E) };
}

function lossOf(
  params: Params,
  tokens: tf.Tensor1D,
  targets: tf.Tensor,
  model: PeerModel,
  tables: Tables,
): tf.Scalar {
  const { L, E, eps } = model;
  let x: tf.Tensor = tf.gather(weight(params, 'embed'), tokens);
  let aux: tf.Tensor = tf.scalar(0);
  for (let l = 0; l < L; l++) {
    const a = rmsNorm(x, weight(params, `${l}.attn_norm`), eps);
    x = tf.add(x, attention(params, l, a, model, tables));
    const m = rmsNorm(x, weight(params, `${l}.ffn_norm`), eps);
    if (E === 0) {
      x = tf.add(x, tf.matMul(hidden(params, l, m), weight(params, `${l}.down`)));
    } else {
      const out = moe(params, l, m, model);
      x = tf.add(x, out.y);
      aux = tf.add(aux, out.aux);
    }
  }
  const normed = rmsNorm(x, weight(params, 'final_norm'), eps);
  const logits = tf.matMul(normed, weight(params, 'head'));
  const ce = tf.losses.softmaxCrossEntropy(targets, logits);
  return tf.add<tf.Scalar>(ce, aux);
}

async function trainingWork(config: EngineConfig): Promise<Work> {
  const model = peerModel(config);
  const { beta1, beta2, eps } = model.optimizer;
  const batch = randomBatch(config);
  const tokens = tf.tensor1d(Int32Array.from(batch.tokens), 'int32');
  const targets = tf.oneHot(tf.tensor1d(Int32Array.from(batch.targets), 'int32'), model.V);
  const tables = makeTables(model);
  const params = new Map(
    [...model.weights].map(([name, matrix]) => [name, tf.variable(tensorOf(matrix))] as const),
  );
  const zeros = () =>
    new Map([...params].map(([name, p]) => [name, tf.variable(tf.zerosLike(p))] as const));
  const [m, v] = [zeros(), zeros()];
  const variables = [...params.values()];
  let step = 0;
  let loss: tf.Scalar = tf.scalar(0);

  function update(name: string, p: tf.Variable, grad: tf.Tensor): void {
    const [first, second] = [m.get(name), v.get(name)];
    if (!first || !second) throw new Error(`tfjs: ${name} has no moments`);
    const { keep, scale, gain } = adamwNumbers(model, step);
    first.assign(tf.add(tf.mul(first, beta1), tf.mul(grad, 1 - beta1)));
    second.assign(tf.add(tf.mul(second, beta2), tf.mul(tf.square(grad), 1 - beta2)));
    const kept = p.rank > 1 ? tf.mul(p, keep) : p;
    const divisor = tf.add(tf.sqrt(tf.mul(second, gain)), eps);
    p.assign(tf.sub(kept, tf.div(tf.mul(first, scale), divisor)));
  }

  function takeStep(): void {
    step += 1;
    const next = tf.tidy(() => {
      const objective = () => lossOf(params, tokens, targets, model, tables);
      const { value, grads } = tf.variableGrads(objective, variables);
      for (const [name, p] of params) {
        const grad = grads[p.name];
        if (!grad) throw new Error(`tfjs: ${name} has no gradient`);
        update(name, p, grad);
      }
      return value;
    });
    loss.dispose();
    loss = next;
  }

  return {
    async run(times) {
      for (let i = 0; i < times; i++) takeStep();
      await finished();
    },
    value: async () => (await loss.data())[0] ?? Number.NaN,
    destroy() {
      tf.dispose([loss, tokens, targets, tables.cos, tables.sin, tables.mask]);
      for (const set of [params, m, v]) tf.dispose([...set.values()]);
    },
  };
}

function layerWork(config: EngineConfig): Work {
  const model = peerModel(config);
  const m = tf.tensor(Float32Array.from(layerInput(config)), [model.T, model.D]);
  const params = new Map(
    ['router', 'gate', 'up', 'down'].flatMap((name) => {
      const matrix = model.weights.get(`0.${name}`);
      return matrix ? [[`0.${name}`, tensorOf(matrix)] as const] : [];
    }),
  );
  return repeated(() => moe(params, 0, m, model).y, [m, ...params.values()]);
}

function productWork({ m, n, k }: ProductSize): Work {
  const { x, w } = productInputs({ m, n, k });
  const a = tf.tensor2d(Float32Array.from(x), [m, k]);
  const b = tf.tensor2d(transposed(w, n, k), [k, n]);
  return repeated(() => tf.matMul(a, b), [a, b]);
}

/** Work without a state: all runs are queued, then waited for. */
function repeated(compute: () => tf.Tensor, inputs: tf.Tensor[]): Work {
  let last: tf.Tensor = tf.scalar(0);
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        last.dispose();
        last = tf.tidy(compute);
      }
      await finished();
    },
    value: async () => sumOfSquares(await last.data()),
    destroy: () => tf.dispose([last, ...inputs]),
  };
}

function backend(): WebGPUBackend {
  const active = tf.backend();
  if (!(active instanceof WebGPUBackend)) throw new Error('tfjs runs on another backend');
  return active;
}

/** Sends what the backend still holds back, and waits for the device. */
async function finished(): Promise<void> {
  backend().ensureCommandEncoderReady();
  backend().endComputePassEncoder();
  backend().submitQueue();
  await backend().queue.onSubmittedWorkDone();
}

export function tfjsLibrary(): Library {
  return {
    async open() {
      if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js finds no WebGPU');
      await tf.ready();
      return (await describeAdapter({ info: backend().device.adapterInfo })).description;
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
          throw new Error(`TensorFlow.js is not asked for ${spec.kind}`);
      }
    },
  };
}
