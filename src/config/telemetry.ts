/**
 * What one training step records, as tables: the layout of the GPU's ring, the events, files and the
 * page's histories derive from them.
 */
import { AUX_TERMS, type AuxTerm } from './auxTerms.ts';
import type { SlotKind } from './experiment.ts';

/** Columns of a record's scalars. Losses in nats; `gradNorm` before clipping. */
export type ScalarName = 'ce' | AuxTerm | 'total' | 'gradNorm' | 'lr';
export const SCALARS: readonly ScalarName[] = ['ce', ...AUX_TERMS, 'total', 'gradNorm', 'lr'];
export const SCALAR_COUNT = SCALARS.length;

export function scalarColumn(name: ScalarName): number {
  return SCALARS.indexOf(name);
}

export function isScalarName(name: string): name is ScalarName {
  return SCALARS.some((scalar) => scalar === name);
}

/** Words behind the scalars of a record: whether the step was refused, and its number. */
export const REFUSED_WORD = SCALAR_COUNT;
export const STEP_WORD = SCALAR_COUNT + 1;

/** Lengths of a field's axes: ranks, slots, domains. */
export type TelemetryAxis = 'W' | 'R' | 'domains';

/** One figure per slot of a MoE layer and step. */
interface TelemetryField {
  name: string;
  type: 'u32' | 'f32';
  /** Axes, slowest first; the slots are among them. */
  shape: readonly TelemetryAxis[];
  /** How records of several steps become one: means are weighted by what they average over. */
  merge: 'sum' | 'byCount' | 'bySteps';
  label: string;
}

/** In the order of the ring; the kernels of shaders/loss/auxLosses.* write the means one after the other. */
export const TELEMETRY_FIELDS = [
  {
    name: 'assignments',
    type: 'u32',
    shape: ['W', 'R'],
    merge: 'sum',
    label: 'Assignments by rank, dropped ones included',
  },
  {
    name: 'drops',
    type: 'u32',
    shape: ['R'],
    merge: 'sum',
    label: 'Assignments that capacity dropped',
  },
  {
    name: 'meanProb',
    type: 'f32',
    shape: ['R'],
    merge: 'bySteps',
    label: 'Mean of p over the batch’s tokens',
  },
  {
    name: 'meanGate',
    type: 'f32',
    shape: ['R'],
    merge: 'byCount',
    label: 'Mean of g over the tokens that select the slot, 0 where none does',
  },
  {
    name: 'domains',
    type: 'u32',
    shape: ['R', 'domains'],
    merge: 'sum',
    label: 'Assignments by domain of the token',
  },
  {
    name: 'bias',
    type: 'f32',
    shape: ['R'],
    merge: 'bySteps',
    label: 'Selection bias after the step, 0 where there is none',
  },
] as const satisfies readonly TelemetryField[];

type Field = (typeof TELEMETRY_FIELDS)[number];
export type TelemetryName = Field['name'];
interface ArrayOf {
  u32: Uint32Array<ArrayBuffer>;
  f32: Float32Array<ArrayBuffer>;
}

/** The expert space of one MoE layer. */
export interface LayerSpace {
  layer: number;
  /** Number of slots R. */
  slots: number;
  /** Ranks W: the most slots that a token can select. */
  ranks: number;
  kinds: SlotKind[];
  /** Hidden width per slot; 0 for zero-computation slots, the twin's for negated ones. */
  hidden: number[];
}

/** Loads of one MoE layer over n consecutive steps: every field [n, …shape], row-major. */
export type LayerLoads = { layer: number; R: number; W: number } & {
  [F in Field as F['name']]: ArrayOf[F['type']];
};

/** n consecutive steps, the first of which is `firstStep` (steps count from 1). */
export interface StepRecords {
  firstStep: number;
  n: number;
  /** [n, SCALAR_COUNT] */
  scalars: Float32Array;
  layers: LayerLoads[];
}

/** Values of a field in one record of a layer with these axes. */
export function fieldLength(
  shape: readonly TelemetryAxis[],
  axes: Readonly<Record<TelemetryAxis, number>>,
): number {
  return shape.reduce((length, axis) => length * axes[axis], 1);
}

/** Every field of n steps, made by `make` from the field's length over all of them. */
export function layerLoads(
  { layer, R, W }: { layer: number; R: number; W: number },
  n: number,
  domains: number,
  fill: (name: TelemetryName, into: Uint32Array | Float32Array) => void = () => undefined,
): LayerLoads {
  const fields = TELEMETRY_FIELDS.map(({ name, type, shape }) => {
    const length = n * fieldLength(shape, { R, W, domains });
    const values = type === 'u32' ? new Uint32Array(length) : new Float32Array(length);
    fill(name, values);
    return [name, values];
  });
  return { layer, R, W, ...Object.fromEntries(fields) } as LayerLoads;
}
