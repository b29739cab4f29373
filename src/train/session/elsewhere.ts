/** Steps that another program took, as its checkpoint tells them (docs/handover.md): losses and loads. */
import { parseJson } from '../../config/json.ts';
import { isRecord } from '../../config/paths.ts';
import {
  fieldLength,
  type LayerLoads,
  type LayerSpace,
  layerLoads,
  SCALAR_COUNT,
  SCALARS,
  type StepRecords,
  TELEMETRY_FIELDS,
} from '../../config/telemetry.ts';
import type { SafeTensors } from '../../data/safetensors.ts';
import { refuse } from './modelState.ts';

/** What the names of its tensors begin with. */
export const HISTORY_PREFIX = 'history.';

/** Fields of its tensors: it knows no domains. */
const FIELDS = TELEMETRY_FIELDS.filter(({ name }) => name !== 'domains');

function readRows(json: string): Record<string, unknown>[] {
  try {
    const rows = parseJson(json);
    if (Array.isArray(rows) && rows.every(isRecord)) return rows;
  } catch {
    // Said below.
  }
  throw refuse('its history is no list of steps in JSON');
}

/** Scalars [n, SCALAR_COUNT] of steps up to `last`; losses that are not named were not trained on. */
function scalarsOf(rows: readonly Record<string, unknown>[], last: number): Float32Array {
  const scalars = new Float32Array(rows.length * SCALAR_COUNT);
  for (const [i, row] of rows.entries()) {
    const step = last - rows.length + 1 + i;
    if (row.step !== step) throw refuse(`its history has step ${row.step} where ${step} belongs`);
    for (const [c, name] of SCALARS.entries()) {
      const value = row[name] ?? 0;
      if (typeof value !== 'number') throw refuse(`"${name}" of step ${step} is no number`);
      scalars[i * SCALAR_COUNT + c] = value;
    }
  }
  return scalars;
}

/** Loads of a layer over n steps; null where the file has none. */
function loadsOf(space: LayerSpace, n: number, tensors: SafeTensors): LayerLoads | null {
  const { layer, slots: R, ranks: W } = space;
  const nameOf = (field: string) => `${HISTORY_PREFIX}layers.${layer}.${field}`;
  if (!FIELDS.some(({ name }) => tensors.has(nameOf(name)))) return null;
  for (const { name, type, shape } of FIELDS) {
    const found = tensors.get(nameOf(name));
    const length = n * fieldLength(shape, { R, W, domains: 0 });
    const dtype = type === 'u32' ? 'I32' : 'F32';
    if (found === undefined) throw refuse(`"${nameOf(name)}" is missing`);
    if (found.dtype !== dtype || found.data.length !== length)
      throw refuse(
        `"${nameOf(name)}" is ${found.dtype} [${found.shape}]; ${dtype} of ${length} values is needed`,
      );
  }
  return layerLoads({ layer, R, W }, n, 0, (name, into) => {
    into.set(tensors.get(nameOf(name))?.data ?? []);
  });
}

/**
 * The steps of a checkpoint's history, without domains; null where it has none.
 * @param last step of the checkpoint, with which the history ends
 * @param spaces of the MoE layers
 * @throws ConfigInvalid naming what cannot be read
 */
export function readElsewhere(
  history: string | undefined,
  last: number,
  tensors: SafeTensors,
  spaces: readonly LayerSpace[],
): StepRecords | null {
  const rows = readRows(history ?? '[]');
  const n = rows.length;
  if (n === 0) return null;
  const layers = spaces.flatMap((space) => loadsOf(space, n, tensors) ?? []);
  return { firstStep: last - n + 1, n, scalars: scalarsOf(rows, last), layers };
}

/** A history as `readElsewhere` reads it: its rows in JSON, loads among the tensors. */
export function encodeElsewhere(
  { firstStep, n, scalars, layers }: StepRecords,
  tensors: SafeTensors,
): string {
  for (const { layer, R, W, ...fields } of layers)
    for (const { name, type, shape } of FIELDS) {
      const axes = { R, W, domains: 0 };
      const ofSteps = [n, ...shape.map((axis) => axes[axis])];
      tensors.set(
        `${HISTORY_PREFIX}layers.${layer}.${name}`,
        type === 'u32'
          ? { dtype: 'I32', shape: ofSteps, data: Int32Array.from(fields[name]) }
          : { dtype: 'F32', shape: ofSteps, data: Float32Array.from(fields[name]) },
      );
    }
  const rows = Array.from({ length: n }, (_, i) => ({
    step: firstStep + i,
    ...Object.fromEntries(SCALARS.map((name, c) => [name, scalars[i * SCALAR_COUNT + c]])),
  }));
  return JSON.stringify(rows);
}

/** Records of so many domains, to none of which anything is counted. */
export function inDomains(records: StepRecords, domains: number): StepRecords {
  const layers = records.layers.map((layer) => ({
    ...layer,
    domains: new Uint32Array(records.n * layer.R * domains),
  }));
  return { ...records, layers };
}
