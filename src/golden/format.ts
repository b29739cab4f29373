import type { EngineConfig, LayerPolicy } from '../config/experiment.ts';
import { elementCount } from '../config/parameterShapes.ts';
import {
  readSafetensors,
  type SafeTensor,
  type SafeTensors,
  writeSafetensors,
} from '../data/safetensors.ts';
import { type AnalysisCase, parseAnalysis } from './analysisCase.ts';
import { type CaseJson, parseCaseJson, type TrainFacts } from './caseSchema.ts';
import type { Tolerance } from './compare.ts';
import type { ProbesCase } from './probesSchema.ts';
import type { StatisticsCase } from './statisticsSchema.ts';
import type { GoldenParameters, LadimoSplitInput, StepOutput, TrainCaseInput } from './subject.ts';

/** Golden cases in memory (the goldens' README). */

interface CaseHead {
  name: string;
  /** For people. */
  covers: string;
  note: string;
  /** How the initial parameters were drawn; nothing depends on it. */
  initSeed: number | null;
  /** Smallest distance to another selection in any step; null when there is no choice. */
  margin: number | null;
}

export interface TrainTolerance {
  out: Tolerance;
  grad: Tolerance;
  after: Tolerance;
  loss: Tolerance;
  /** Of the selection biases; absent without. */
  bias?: Tolerance;
}

export interface TrainExpected {
  /** `out.*`, `grad.*`, `after.*` and `bias.*`. */
  tensors: SafeTensors;
  /** Of step 1. */
  losses: Readonly<Record<string, number>>;
  gradNorm: number;
  steps: readonly StepOutput[];
  /** Places of every slot per MoE layer; empty without capacity. */
  capacity: Readonly<Record<string, readonly number[]>>;
}

interface TrainLike extends CaseHead {
  config: EngineConfig;
  parameters: GoldenParameters;
  tolerance: TrainTolerance;
  expected: TrainExpected;
  /** What batch 0 exercises per MoE layer. */
  facts: TrainFacts;
}

export interface TrainCase extends TrainLike {
  kind: 'train';
  batches: TrainCaseInput['batches'];
}

export interface SplitCase extends TrainLike {
  kind: 'ladimo-split';
  layer: number;
  alpha: number;
  dense: LadimoSplitInput['dense'];
  batches: LadimoSplitInput['batches'];
}

export interface PolicyCase extends CaseHead {
  kind: 'ladimo-policy';
  pu: number;
  pe: number;
  layers: readonly number[];
  maxWeights: readonly Float32Array[];
  tolerance: { loss: Tolerance };
  expected: {
    alpha: number;
    beta: number;
    layers: readonly { layer: number; kind: LayerPolicy['kind']; alpha: number; beta: number }[];
    tokenK: SafeTensor;
  };
}

export type GoldenCase =
  | TrainCase
  | SplitCase
  | PolicyCase
  | AnalysisCase
  | ProbesCase
  | StatisticsCase;

/** The tensor of a name, dtype and length; throws with both when it is another. */
function take<T extends SafeTensor['dtype']>(
  tensors: SafeTensors,
  name: string,
  dtype: T,
  length?: number,
): Extract<SafeTensor, { dtype: T }> {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`golden case: no tensor "${name}"`);
  if (!isDtype(tensor, dtype)) {
    throw new Error(`golden case: "${name}" is ${tensor.dtype}, not ${dtype}`);
  }
  if (length !== undefined && tensor.data.length !== length) {
    throw new Error(`golden case: "${name}" has ${tensor.data.length} elements, not ${length}`);
  }
  return tensor;
}

function isDtype<T extends SafeTensor['dtype']>(
  tensor: SafeTensor,
  dtype: T,
): tensor is Extract<SafeTensor, { dtype: T }> {
  return tensor.dtype === dtype;
}

/** Indices [begin, end) of `parts` equal pieces of `length` elements. */
function ranges(length: number, parts: number): [begin: number, end: number][] {
  const size = length / parts;
  return Array.from({ length: parts }, (_, i) => [i * size, (i + 1) * size]);
}

/** A float tensor's data cut into `parts` equal pieces. */
function pieces(data: Float32Array, parts: number): Float32Array[] {
  return ranges(data.length, parts).map(([begin, end]) => data.subarray(begin, end));
}

function parametersOf(tensors: SafeTensors): GoldenParameters {
  const names = [...tensors.keys()].filter((name) => name.startsWith('param.'));
  return new Map(
    names.map((name) => {
      const { shape, data } = take(tensors, name, 'F32');
      return [name.slice('param.'.length), { shape, data }];
    }),
  );
}

function expectedTensors(tensors: SafeTensors): SafeTensors {
  return new Map([...tensors].filter(([name]) => /^(out|grad|after|bias)\./.test(name)));
}

function configOf(json: Extract<CaseJson, { kind: 'train' | 'ladimo-split' }>): EngineConfig {
  const { model, router, experts, losses, optimizer, batch, seed } = json.config;
  return { model, router, experts, losses, optimizer, batch, seed };
}

/** A case from the parsed JSON of case.json and the bytes of tensors.safetensors, if it has them. */
export function parseCase(json: unknown, bytes: Uint8Array | null): GoldenCase {
  const parsed = parseCaseJson(json);
  if (parsed.kind === 'probes' || parsed.kind === 'statistics') return parsed;
  if (bytes === null) throw new Error('golden case: tensors.safetensors is missing');
  const { tensors } = readSafetensors(bytes);
  if (parsed.kind === 'analysis') return parseAnalysis(parsed, tensors);
  const { name, covers, note, initSeed, margin } = parsed;
  const caseHead = { name, covers, note, initSeed, margin };
  if (parsed.kind === 'ladimo-policy') {
    const { p_u: pu, p_e: pe, layers } = parsed.config.ladimo;
    const maxWeights = pieces(take(tensors, 'ladimo.max_weights', 'F32').data, layers.length);
    const tokenK = take(tensors, 'out.token_k', 'I32');
    const expected = { ...parsed.expected, tokenK };
    const { kind, tolerance } = parsed;
    return { ...caseHead, kind, pu, pe, layers, maxWeights, tolerance, expected };
  }
  const config = configOf(parsed);
  const common = {
    ...caseHead,
    config,
    parameters: parametersOf(tensors),
    tolerance: parsed.tolerance,
    expected: { ...parsed.expected, tensors: expectedTensors(tensors) },
    facts: parsed.facts,
  };
  const { steps } = parsed.config;
  const T = config.batch.B * config.batch.S;
  const batchTensor = (key: string) => {
    const { data } = take(tensors, key, 'I32', steps * T);
    return ranges(data.length, steps).map(([begin, end]) =>
      Uint32Array.from(data.slice(begin, end)),
    );
  };
  if (parsed.kind === 'train') {
    const targets = batchTensor('targets');
    const batches = batchTensor('tokens').map((tokens, i) => ({ tokens, targets: targets[i]! }));
    return { ...common, kind: 'train', batches };
  }
  const { layer, alpha } = parsed.config.ladimo;
  const recorded = (key: string) =>
    pieces(take(tensors, `ladimo.${key}`, 'F32', steps * T * config.model.D).data, steps);
  const targets = recorded('targets');
  const batches = recorded('inputs').map((inputs, i) => ({ inputs, targets: targets[i]! }));
  const dense = (part: string) => take(tensors, `ladimo.dense.${part}.weight`, 'F32').data;
  return {
    ...common,
    kind: 'ladimo-split',
    layer,
    alpha,
    dense: { gate: dense('gate'), up: dense('up'), down: dense('down') },
    batches,
  };
}

function f32(shape: readonly number[], data: Float32Array): SafeTensor {
  if (elementCount(shape) !== data.length) {
    throw new Error(`golden case: [${shape}] is not the shape of ${data.length} elements`);
  }
  return { dtype: 'F32', shape, data };
}

/** case.json and tensors.safetensors of a training case: `parseCase` gives the case back. */
export function serializeCase(golden: TrainCase): { json: unknown; bytes: Uint8Array } {
  const { name, covers, note, initSeed, margin, config, tolerance, facts, batches } = golden;
  const { tensors: outputs, ...expected } = golden.expected;
  const json = {
    format: 1,
    name,
    kind: golden.kind,
    covers,
    note,
    config: { ...config, steps: batches.length },
    initSeed,
    margin,
    tolerance,
    expected,
    facts,
  };
  const { B, S } = config.batch;
  const shape = [batches.length, B, S];
  const all = (key: 'tokens' | 'targets'): SafeTensor => ({
    dtype: 'I32',
    shape,
    data: Int32Array.from(batches.flatMap((batch) => [...batch[key]])),
  });
  const tensors: SafeTensors = new Map();
  for (const [key, { shape, data }] of golden.parameters)
    tensors.set(`param.${key}`, f32(shape, data));
  tensors.set('tokens', all('tokens')).set('targets', all('targets'));
  for (const [key, tensor] of outputs) tensors.set(key, tensor);
  return { json, bytes: writeSafetensors(tensors) };
}
