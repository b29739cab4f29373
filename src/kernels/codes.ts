/**
 * The codes by which shaders know what TypeScript has names for. A `const` of a shader is
 * `<PREFIX><KEY>` of one of these tables; tests/structure.codes.test.ts compares every one.
 */
import { AUX_TERMS, type AuxTerm } from '../config/auxTerms.ts';
import type {
  GateMode,
  LayerPolicy,
  ScoreFunction,
  Selection,
  SlotKind,
} from '../config/experiment.ts';
import { SLOT_KIND_ROWS } from '../config/slots.ts';
import { REFUSED_WORD, STEP_WORD, scalarColumn } from '../config/telemetry.ts';

type Codes<K extends string> = Readonly<Record<K, number>>;

export const KIND_CODES = Object.fromEntries(
  SLOT_KIND_ROWS.map(({ kind, code }) => [kind, code]),
) as Codes<SlotKind>;

/** Codes of a route: what one rank of one token adds to the output. */
export const ROUTE = {
  none: 0,
  ffn: 1,
  negated: 2,
  copy: 3,
  constant: 4,
  zero: 5,
  dropped: 6,
} as const;

export const SELECTION_CODES: Codes<Selection> = {
  topk: 0,
  topp: 1,
  randomDrop: 2,
  adaptive: 3,
  hash: 4,
  expertChoice: 5,
};

export const GATE_CODES: Codes<GateMode> = {
  softmax: 0,
  renormalized: 1,
  renormalizedWithNull: 2,
  renormalizedWithoutZero: 3,
  uniform: 4,
};

export const SCORE_CODES: Codes<ScoreFunction> = { softmax: 0, sigmoid: 1, sqrtSoftplus: 2 };

/** What slots rank by where it is not log s. */
export const ORDER_CODES = { logit: 0, score: 1, probability: 2 } as const;

/** Slots that a layer's policy gives every token, or `dynamic`. */
export const POLICY_CODES: Codes<LayerPolicy['kind']> = {
  'top-1': 1,
  'top-2': 2,
  'top-3': 3,
  dynamic: 4,
};

/** Sections of the routing table (rowTable.ts): five of offsets, then those of the slots. */
export const SECTION = {
  rows: 0,
  tilesF: 1,
  tilesD: 2,
  tilesDownW: 3,
  tilesUpW: 4,
  slots: 5,
} as const;

/** Words of a slot in a history of counts (historyWords.wgsl). */
export const HISTORY = { filled: 0, next: 1, total: 2, counts: 3 } as const;

/** Words of a slot in a history of so many steps; 0 where there is none. */
export function historyStride(steps: number): number {
  return steps > 0 ? HISTORY.counts + steps : 0;
}

/** What the columns or the terms of a product of the experts are. */
export const AXIS = { channels: 0, units: 1, gateAndUp: 2 } as const;

/** Places of the auxiliary terms of a layer. */
export const AUX_CODES = Object.fromEntries(
  AUX_TERMS.map((term, i) => [term, i]),
) as Codes<AuxTerm>;

/** First words of a ring record; the auxiliary sums are from `aux` on. */
export const RECORD = {
  ce: scalarColumn('ce'),
  aux: scalarColumn(AUX_TERMS[0] as AuxTerm),
  total: scalarColumn('total'),
  gradNorm: scalarColumn('gradNorm'),
  lr: scalarColumn('lr'),
  refused: REFUSED_WORD,
  step: STEP_WORD,
} as const;

/** All of them, by the prefix of their names in shaders. */
export const CODES: Readonly<Record<string, Codes<string>>> = {
  '': KIND_CODES,
  ROUTE_: ROUTE,
  SELECT_: SELECTION_CODES,
  GATE_: GATE_CODES,
  SCORE_: SCORE_CODES,
  ORDER_: ORDER_CODES,
  POLICY_: POLICY_CODES,
  SECTION_: SECTION,
  AXIS_: AXIS,
  HISTORY_: HISTORY,
  AUX_: { ...AUX_CODES, count: AUX_TERMS.length },
  RECORD_: RECORD,
};
