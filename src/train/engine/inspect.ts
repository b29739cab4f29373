/**
 * What can be read of a forward pass: tensors in the spec's shapes under the goldens' names without
 * `out.`, copied from the buffers that training uses. A new one is an entry here.
 *
 * `logits` [T, V]; of every layer l, `layers.{l}.` with `attn_output` [T, D], and `ffn_input`,
 * `ffn_output` [T, D] of a dense one, or of a MoE layer `moe_input`, `moe_output` [T, D],
 * `router_logits`, `probs`, and `scores` where they are others, [T, R], `selected` (−1 where none), `gates`, `dropped` [T, W],
 * `null_gates` [T, null slots], and `places` [R] where capacity limits them.
 */
import { capacityPlaces } from '../../config/capacity.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { isComputing } from '../../config/slots.ts';
import type { Batch } from '../../data/types.ts';
import { readFloats, readWords } from '../../gpu/readback.ts';
import type { Slice } from '../../gpu/slice.ts';
import { ROUTE } from '../../kernels/codes.ts';
import { pad4 } from '../../layout/sizes.ts';
import { MoeBlock } from '../../model/moeBlock.ts';
import type { MoeFfn } from '../../model/moeFfn.ts';
import type { Network } from '../../model/network.ts';
import type { Engine, InspectedTensor, InspectedTensors, Wants } from './engine.ts';

type Read = () => Promise<InspectedTensor>;
type Readers = readonly (readonly [name: string, read: Read])[];

/** Copies what is wanted. The copies are queued at once, before this returns its promise. */
export async function readTensors(readers: Readers, wants: Wants): Promise<InspectedTensors> {
  const wanted = readers.filter(([name]) => wants(name));
  const tensors = await Promise.all(wanted.map(([, read]) => read()));
  return new Map(wanted.map(([name], i) => [name, tensors[i] as InspectedTensor]));
}

/** Rows of a padded activation [rows, pad4(width)] as a tensor [rows, width]. */
export async function readRows(
  device: GPUDevice,
  slice: Slice,
  rows: number,
  width: number,
): Promise<InspectedTensor> {
  const stored = await readFloats(device, slice);
  const data = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const start = r * pad4(width);
    data.set(stored.subarray(start, start + width), r * width);
  }
  return { shape: [rows, width], data };
}

/** One value per token and rank, from what lies rank by rank. */
function perChoice<A extends Float32Array | Int32Array>(
  { W }: MoeFfn,
  T: number,
  data: A,
  value: (t: number, at: number) => number,
): InspectedTensor {
  for (let t = 0; t < T; t++) {
    for (let w = 0; w < W; w++) data[t * W + w] = value(t, w * T + t);
  }
  return { shape: [T, W], data };
}

function choiceReaders(device: GPUDevice, ffn: MoeFfn, T: number): Readers {
  const R4 = pad4(ffn.slots.length);
  const selected = async () => new Int32Array((await readWords(device, ffn.selected_WT)).buffer);
  return [
    [
      'selected',
      async () => {
        const slots = await selected();
        return perChoice(ffn, T, new Int32Array(T * ffn.W), (_, at) => slots[at]!);
      },
    ],
    [
      'gates',
      async () => {
        const [slots, g] = await Promise.all([selected(), readFloats(device, ffn.g_TR)]);
        return perChoice(ffn, T, new Float32Array(T * ffn.W), (t, at) => {
          const slot = slots[at]!;
          return slot < 0 ? 0 : g[t * R4 + slot]!;
        });
      },
    ],
    [
      'dropped',
      async () => {
        const routes = await readWords(device, ffn.route_WT);
        return perChoice(ffn, T, new Int32Array(T * ffn.W), (_, at) =>
          routes[2 * at]! >>> 28 === ROUTE.dropped ? 1 : 0,
        );
      },
    ],
  ];
}

/** What a layer with pools or a hash table has. */
function balancingReaders(
  device: GPUDevice,
  { balancing, slots, W }: MoeFfn,
  config: EngineConfig,
): Readers {
  const { pool_BR, table_VW } = balancing;
  const words = async (slice: Slice, shape: [number, number]): Promise<InspectedTensor> => {
    const data = new Int32Array((await readWords(device, slice)).buffer, 0, shape[0] * shape[1]);
    return { shape, data };
  };
  const { B } = config.batch;
  return [
    ...(pool_BR ? ([['pool', () => words(pool_BR, [B, slots.length])]] as const) : []),
    ...(table_VW ? ([['hash_table', () => words(table_VW, [config.model.V, W])]] as const) : []),
  ];
}

/** Tensors of a MoE layer that has been run on the T tokens of m_TD. */
export function moeReaders(
  device: GPUDevice,
  ffn: MoeFfn,
  m_TD: Slice,
  { config, layer }: { config: EngineConfig; layer: number },
): Readers {
  const { D } = config.model;
  const { capacity, tau, gate, score } = config.router;
  const T = config.batch.B * config.batch.S;
  const { slots } = ffn;
  const R = slots.length;
  const rows = (slice: Slice, width: number) => () => readRows(device, slice, T, width);
  const nullGates = async (): Promise<InspectedTensor> => {
    const { data } = await readRows(device, ffn.g_TR, T, R);
    const gates = Float32Array.from(data.filter((_, i) => slots[i % R]?.kind === 'zero'));
    return { shape: [T, gates.length / T], data: gates };
  };
  const places = async (): Promise<InspectedTensor> => {
    const [assignments = 0] = await readWords(device, ffn.experts.table);
    const each = capacityPlaces(slots, assignments, capacity ?? 0, tau);
    const data = slots.map(({ kind }) => (isComputing(kind) ? each.ffn : each.zeroComputation));
    return { shape: [R], data: Int32Array.from(data) };
  };
  const readers: Readers = [
    ['moe_input', rows(m_TD, D)],
    ['router_logits', rows(ffn.logits.z_TR, R)],
    ['probs', rows(ffn.p_TR, R)],
    ...(score === 'softmax' ? [] : ([['scores', rows(ffn.scores.s_TR, R)]] as const)),
    ...choiceReaders(device, ffn, T),
    ...(gate === 'renormalizedWithNull' ? ([['null_gates', nullGates]] as const) : []),
    ...(capacity === null ? [] : ([['places', places]] as const)),
    ...balancingReaders(device, ffn, config),
    ['moe_output', rows(ffn.out_TD, D)],
  ];
  return readers.map(([name, read]) => [`layers.${layer}.${name}`, read]);
}

/**
 * Tensors of a network that has been run forward.
 * @param logits reads those of all tokens
 */
export function networkReaders(
  device: GPUDevice,
  network: Network,
  config: EngineConfig,
  logits: Read,
): Readers {
  const { D } = config.model;
  const T = config.batch.B * config.batch.S;
  const rows = (slice: Slice, width: number) => () => readRows(device, slice, T, width);
  const layers = network.ffn.flatMap((block, layer): Readers => {
    const attention = network.attention[layer];
    const prefix = `layers.${layer}`;
    return [
      ...(attention ? ([[`${prefix}.attn_output`, rows(attention.out_TD, D)]] as const) : []),
      ...(block instanceof MoeBlock
        ? moeReaders(device, block.ffn, block.norm.normed_TD, { config, layer })
        : ([
            [`${prefix}.ffn_input`, rows(block.norm.normed_TD, D)],
            [`${prefix}.ffn_output`, rows(block.out_TD, D)],
          ] as const)),
    ];
  });
  // Last: logits in chunks run plans of their own.
  return [...layers, ['logits', logits]];
}

/** The tensors of one layer by their last names. @throws Error for one that was not read */
export function layerTensors(tensors: InspectedTensors, layer: number) {
  return <N extends string>(name: N): InspectedTensor => {
    const tensor = tensors.get(`layers.${layer}.${name}`);
    if (tensor === undefined) throw new Error(`inspect: layer ${layer} has no ${name}`);
    return tensor;
  };
}

const MAY_FAIL = /\.(attn_output|ffn_output|moe_output|router_logits)$/;

/** First layer in which the forward pass of a batch has a value that is not finite, or null. */
export async function locateNonFinite(
  engine: Pick<Engine, 'config' | 'inspect'>,
  batch: Batch,
): Promise<number | null> {
  const tensors = await engine.inspect(batch, (name) => MAY_FAIL.test(name));
  const isBad = ([, { data }]: [string, InspectedTensor]) => data.some((x) => !Number.isFinite(x));
  const layers = [...tensors].filter(isBad).map(([name]) => Number(name.split('.')[1]));
  return layers.length === 0 ? null : Math.min(...layers);
}
