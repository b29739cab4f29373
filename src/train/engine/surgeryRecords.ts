/** What undoing surgeries takes, in checkpoints: origins as JSON, removed elements as tensors. */
import * as v from 'valibot';
import { parseJson } from '../../config/json.ts';
import type { SafeTensors } from '../../data/safetensors.ts';
import { TENSOR_SETS } from '../../model/surgery.ts';
import type { SurgeryRecord } from './engine.ts';

/** Starts the names of the tensors; no parameter's name does. */
export const SURGERY_PREFIX = 'surgery.';

const place = 'a place is not a whole number from −1';
const places = v.optional(
  v.array(v.pipe(v.number(place), v.integer(place), v.minValue(-1, place)), 'places are no list'),
);
const origin = 'an origin is not [name, {source, rows, cols}]';
const origins = v.array(
  v.tuple(
    [
      v.string(origin),
      v.strictObject({ source: v.nullable(v.string(origin)), rows: places, cols: places }, origin),
    ],
    origin,
  ),
  'the origins of one are no list',
);
const recordsSchema = v.array(v.nullable(origins), 'they are no list');

type Records = readonly (SurgeryRecord | null)[];

function tensorName(index: number, set: string): string {
  return `${SURGERY_PREFIX}${index + 1}.${set}`;
}

/** Adds the removed elements to a checkpoint's tensors; returns the rest as text. */
export function encodeRecords(records: Records, tensors: SafeTensors): string {
  records.forEach((record, i) => {
    if (record === null) return;
    for (const set of TENSOR_SETS) {
      const data = record.removed[set];
      tensors.set(tensorName(i, set), { dtype: 'F32', shape: [data.length], data });
    }
  });
  return JSON.stringify(records.map((record) => record?.origins ?? null));
}

/** @throws Error naming the first tensor that belongs to no surgery */
function checkNames(lists: readonly unknown[], tensors: SafeTensors): void {
  const known = lists.flatMap((list, i) =>
    list === null ? [] : TENSOR_SETS.map((set) => tensorName(i, set)),
  );
  const extra = [...tensors.keys()].find(
    (name) => name.startsWith(SURGERY_PREFIX) && !known.includes(name),
  );
  if (extra !== undefined) throw new Error(`"${extra}" belongs to none`);
}

/** @throws Error naming what is missing or wrong */
export function decodeRecords(json: string, tensors: SafeTensors): Records {
  const lists = v.parse(recordsSchema, parseJson(json));
  checkNames(lists, tensors);
  return lists.map((list, i) => {
    if (list === null) return null;
    const read = (set: string): Float32Array => {
      const tensor = tensors.get(tensorName(i, set));
      if (tensor?.dtype !== 'F32') throw new Error(`"${tensorName(i, set)}" is missing`);
      return tensor.data;
    };
    const [values, firstMoments, secondMoments] = [
      read('values'),
      read('firstMoments'),
      read('secondMoments'),
    ];
    const [n, m1, m2] = [values.length, firstMoments.length, secondMoments.length];
    if (n !== m1 || n !== m2)
      throw new Error(`surgery ${i + 1} removed ${n} values, but ${m1} and ${m2} moments`);
    const kept = list.map(([name, { source, rows, cols }]) => {
      return [name, { source, ...(rows && { rows }), ...(cols && { cols }) }] as const;
    });
    return { origins: kept, removed: { values, firstMoments, secondMoments } };
  });
}
