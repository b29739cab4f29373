/** What undoing surgeries takes, in checkpoints: origins as JSON, removed elements as tensors. */
import * as v from 'valibot';
import type { SafeTensors } from '../data/safetensors.ts';
import { TENSOR_SETS } from '../model/surgery.ts';
import type { SurgeryRecord } from './engine.ts';

/** Starts the names of the tensors; no parameter's name does. */
export const SURGERY_PREFIX = 'surgery.';

const places = v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(-1))));
const origins = v.array(
  v.tuple([
    v.string(),
    v.strictObject({ source: v.nullable(v.string()), rows: places, cols: places }),
  ]),
);
const recordsSchema = v.array(v.nullable(origins));

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

/** @throws Error naming what is missing or wrong */
export function decodeRecords(json: string, tensors: SafeTensors): Records {
  return v.parse(recordsSchema, JSON.parse(json)).map((list, i) => {
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
    const kept = list.map(([name, { source, rows, cols }]) => {
      return [name, { source, ...(rows && { rows }), ...(cols && { cols }) }] as const;
    });
    return { origins: kept, removed: { values, firstMoments, secondMoments } };
  });
}
