import { pad4 } from '../layout/sizes.ts';
import { tileShape } from '../layout/tiles.ts';
/**
 * The routing table of one FFN layer: which rows (kept assignments in expert order) belong to
 * which expert, and which tiles of the grouped products to which expert. A MoE layer's table is
 * written on the GPU by `dispatch.plan`; a dense layer is one expert that has all T rows, so its
 * table is written once.
 *
 * Words: [0] A, all assignments; [1] J, kept rows; [2…3] unused; five sections of E + 1 exclusive
 * offsets — row starts, tiles over hidden units, tiles over channels, weight tiles of down, weight
 * tiles of gate and up —; four sections of R words: row base, kept, count and rank-0 count per slot.
 */

export interface RowTableShape {
  /** Model width. */
  D: number;
  /** Hidden width of every expert [E]. */
  hidden: readonly number[];
  /** Router slots; 0 for a dense layer. */
  R: number;
  /** Most rows there can be: W·T, or T for a dense layer. */
  maxRows: number;
}

/** Words before the first section. */
export const HEADER = 4;
/** Rows of a tile in all grouped products over rows. */
export const ROW_TILE = 64;

export function tableWords({ hidden, R }: RowTableShape): number {
  return HEADER + 5 * (hidden.length + 1) + 4 * R;
}

/** Channels of a tile over D, and units of one over a hidden width F, as `tileShape` chooses them. */
export function tileWidths(D: number) {
  return {
    hiddenUnits: 32,
    channels: 32 * tileShape(ROW_TILE, pad4(D)).TN,
  };
}

/** Tiles of one expert per row tile and over its weights. */
function expertTiles(D: number, F: number) {
  const Dp = pad4(D);
  const Fp = pad4(F);
  const { hiddenUnits, channels } = tileWidths(D);
  return {
    perRowTileF: Math.ceil(Fp / hiddenUnits),
    perRowTileD: Math.ceil(Dp / channels),
    downW: Math.ceil(Dp / 64) * Math.ceil(Fp / 64),
    upW: Math.ceil(Fp / 32) * Math.ceil(Dp / channels),
  };
}

/** Upper bounds of the number of tiles, from what the CPU knows: the dispatch sizes. */
export function tileBounds({ D, hidden, maxRows }: RowTableShape) {
  const tiles = hidden.map((F) => expertTiles(D, F));
  const sum = (f: (t: (typeof tiles)[number]) => number) => tiles.reduce((n, t) => n + f(t), 0);
  const max = (f: (t: (typeof tiles)[number]) => number) => Math.max(0, ...tiles.map(f));
  const fullTiles = Math.floor(maxRows / ROW_TILE);
  return {
    F: fullTiles * max((t) => t.perRowTileF) + sum((t) => t.perRowTileF),
    D: fullTiles * max((t) => t.perRowTileD) + sum((t) => t.perRowTileD),
    downW: sum((t) => t.downW),
    upW: sum((t) => t.upW),
  };
}

/** The table of a dense layer: one expert with rows 0 … T − 1. */
export function denseTable(shape: RowTableShape): Uint32Array {
  const { D, hidden, maxRows } = shape;
  const tiles = expertTiles(D, hidden[0] ?? 0);
  const rowTiles = Math.ceil(maxRows / ROW_TILE);
  const words = new Uint32Array(tableWords(shape));
  const ends = [
    maxRows,
    rowTiles * tiles.perRowTileF,
    rowTiles * tiles.perRowTileD,
    tiles.downW,
    tiles.upW,
  ];
  words[0] = maxRows;
  words[1] = maxRows;
  ends.forEach((end, s) => {
    words[HEADER + 2 * s + 1] = end;
  });
  return words;
}

/** Rows of every expert [E], from the words of a table. */
export function expertRows(words: Uint32Array, E: number): number[] {
  const start = (e: number) => words[HEADER + e] ?? 0;
  return Array.from({ length: E }, (_, e) => start(e + 1) - start(e));
}
