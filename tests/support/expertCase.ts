import type { AdapterClass } from '../../src/gpu/plan.ts';
import { expertsBackward, expertsForward } from '../../src/kernels/bodies.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import * as expertDown from '../../src/reference/expertDown.ts';
import * as expertUp from '../../src/reference/expertUp.ts';
import {
  type BenchOptions,
  padMatrix,
  padRows,
  randomFloats,
  toReal,
  unpadMatrix,
  unpadRows,
  withBench,
} from './kernelHarness.ts';
import {
  addDispatch,
  type Routing,
  referenceDispatch,
  routingBuffers,
  rowCount,
  TRAINING,
  tableShape,
} from './routing.ts';

/** Weights, inputs and upstream gradient of one layer's experts, unpadded. */
export interface ExpertTensors {
  m_TD: Float32Array;
  dout_TD: Float32Array;
  /** gate, up [F, D], down [D, F] of every expert. */
  weights: { gate: Float32Array; up: Float32Array; down: Float32Array }[];
}

/** What forward and backward give, in the reference's shapes. */
export interface ExpertResults {
  /** hidden [rows, F] of every expert. */
  hidden: ArrayLike<number>[];
  y_JD: ArrayLike<number>;
  dm_TD: ArrayLike<number>;
  gradients: { gate: ArrayLike<number>; up: ArrayLike<number>; down: ArrayLike<number> }[];
}

export function expertTensors(routing: Routing, seed: number, scale = 1): ExpertTensors {
  const { T, D } = routing;
  const { hidden } = tableShape(routing);
  const draw = (n: number, of: number, inputs: number) =>
    randomFloats(n, seed * 1000 + of, Math.sqrt(3 / inputs));
  return {
    m_TD: randomFloats(T * D, seed, 1.7 * scale),
    dout_TD: randomFloats(T * D, seed + 1),
    weights: hidden.map((F, e) => ({
      gate: draw(F * D, 3 * e, D),
      up: draw(F * D, 3 * e + 1, D),
      down: draw(F * D, 3 * e + 2, F),
    })),
  };
}

/** sign · g of every kept row [J]. */
function rowCoefficients(routing: Routing): Float64Array {
  const { slots, W, selected_TW, gates_TR } = routing;
  const order = referenceDispatch(routing);
  const coef_J = new Float64Array(rowCount(order));
  order.row_TW.forEach((row, i) => {
    if (row < 0) return;
    const r = selected_TW[i]!;
    const g = gates_TR[Math.floor(i / W) * slots.length + r]!;
    coef_J[row] = slots[r]!.kind === 'negated' ? -g : g;
  });
  return coef_J;
}

/** Forward, and backward of the scaled rows' sum, in float64. */
export function referenceExperts(routing: Routing, tensors: ExpertTensors): ExpertResults {
  const { T, D } = routing;
  const { start_E, token_J } = referenceDispatch(routing);
  const dims = { T, D, F_E: tableShape(routing).hidden, start_E, token_J };
  const part = (name: 'gate' | 'up' | 'down') => tensors.weights.map((w) => toReal(w[name]));
  const m_TD = toReal(tensors.m_TD);
  const up = expertUp.forward({ m_TD, gate_EFD: part('gate'), up_EFD: part('up') }, dims);
  const down = expertDown.forward({ h_EJF: up.out, down_EDF: part('down') }, dims);
  const coef_J = rowCoefficients(routing);
  const dy_JD = new Float64Array(token_J.length * D);
  for (let i = 0; i < dy_JD.length; i++) {
    const row = Math.floor(i / D);
    dy_JD[i] = coef_J[row]! * tensors.dout_TD[token_J[row]! * D + (i % D)]!;
  }
  const { dh_EJF, ddown_EDF } = expertDown.backward(dy_JD, down.saved, dims);
  const { dm_TD, dgate_EFD, dup_EFD } = expertUp.backward(dh_EJF, up.saved, dims);
  const gradients = ddown_EDF.map((ddown, e) => ({
    gate: dgate_EFD[e]!,
    up: dup_EFD[e]!,
    down: ddown,
  }));
  return { hidden: up.out, y_JD: down.out, dm_TD, gradients };
}

/** Gate, up and down of all experts as one group, padded. */
export function packWeights({ weights, m_TD }: ExpertTensors, D: number): Float32Array {
  const parts = weights.flatMap(({ gate, up, down }) => [
    padMatrix(gate, D),
    padMatrix(up, D),
    padMatrix(down, down.length / D),
  ]);
  if (parts.length === 0) return m_TD.slice(0, 4);
  const out = new Float32Array(parts.reduce((n, { length }) => n + length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** The group's parts again; padding must be 0. */
function unpackGradients(group: Float32Array, D: number, hidden: readonly number[]) {
  let offset = 0;
  const take = (rows: number, width: number, name: string) => {
    const length = pad4(rows) * pad4(width);
    offset += length;
    return unpadMatrix(group.slice(offset - length, offset), rows, width, name);
  };
  return hidden.map((F, e) => ({
    gate: take(F, D, `gate ${e}`),
    up: take(F, D, `up ${e}`),
    down: take(D, F, `down ${e}`),
  }));
}

/** Rows of the experts' hidden units [J, Fmax]: those of each expert up to its padded width. */
function expertRows(rows_JF: Float32Array, routing: Routing): Float32Array[] {
  const { hidden } = tableShape(routing);
  const stride = pad4(Math.max(...hidden));
  const { start_E } = referenceDispatch(routing);
  return hidden.map((F, e) => {
    const width = pad4(F);
    const rows = start_E[e + 1]! - start_E[e]!;
    const own = Float32Array.from({ length: rows * width }, (_, i) => {
      const row = start_E[e]! + Math.floor(i / width);
      return rows_JF[row * stride + (i % width)]!;
    });
    return unpadRows(own, F, `hidden of expert ${e}`);
  });
}

/** Σ of the rows of every token [T, D]. */
function sumRows(rows_JD: Float32Array, token_J: Int32Array, T: number, D: number): Float64Array {
  const out = new Float64Array(T * D);
  for (let i = 0; i < token_J.length * D; i++) {
    out[token_J[Math.floor(i / D)]! * D + (i % D)]! += rows_JD[i]!;
  }
  return out;
}

/** Dispatch, forward and backward on the device; everything starts as NaN. */
export function runExperts(
  device: GPUDevice,
  routing: Routing,
  tensors: ExpertTensors,
  options: BenchOptions & { adapterClass: AdapterClass },
): Promise<ExpertResults> {
  const { T, D, W } = routing;
  const shape = tableShape(routing);
  const { token_J } = referenceDispatch(routing);
  const J = token_J.length;
  const Fmax = pad4(Math.max(...shape.hidden));
  const packed = packWeights(tensors, D);
  return withBench(
    device,
    async (bench) => {
      const dispatch = routingBuffers(bench, routing);
      const hidden = bench.output('hidden_JF', W * T * Fmax);
      const io = {
        ...dispatch,
        m_TD: bench.input('m_TD', padRows(tensors.m_TD, D)),
        dout_TD: bench.input('dout_TD', padRows(tensors.dout_TD, D)),
        w: bench.input('w', packed),
        dw: bench.output('dw', packed.length),
        gate_up_JF: bench.output('gate_up_JF', 2 * W * T * Fmax),
        hidden_JF: hidden,
        y_JD: bench.output('y_JD', W * T * pad4(D)),
        dm_JD: bench.output('dm_JD', W * T * pad4(D)),
      };
      bench.setStep(TRAINING);
      await bench.run((plan) => {
        addDispatch(plan, dispatch, routing);
        expertsForward(plan, io, shape);
      });
      const hiddenRows = await bench.read(hidden);
      await bench.run((plan) => expertsBackward(plan, io, shape));
      const liveRows = async (slice: typeof io.y_JD, name: string) => {
        const all = await bench.read(slice);
        const rest = all.subarray(J * pad4(D)).findIndex((x) => !Number.isNaN(x));
        if (rest >= 0) throw new Error(`${name}: written past its ${J} rows`);
        return unpadRows(all.slice(0, J * pad4(D)), D, name);
      };
      return {
        hidden: expertRows(hiddenRows, routing),
        y_JD: await liveRows(io.y_JD, 'y_JD'),
        dm_TD: sumRows(await liveRows(io.dm_JD, 'dm_JD'), token_J, T, D),
        gradients: unpackGradients(await bench.read(io.dw), D, shape.hidden),
      };
    },
    options,
  );
}
