/**
 * Thrift's compact protocol as Parquet uses it, read with bounds: no list, text or nesting is larger
 * than the bytes that it stands in. A reader that trusts its lengths can follow afterwards.
 */

/** A struct by the numbers of its fields. What is neither number nor struct is passed over as null. */
export type Struct = Map<number, number | Struct | null>;

export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const MAX_DEPTH = 12;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
/** Bits of a number that are looked at: five groups of seven hold 32, ten 64. */
const MAX_GROUPS = 10;

function next(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new RangeError('it ends in the middle of a header');
  cursor.at += 1;
  return byte;
}

/** An unsigned number; beyond 53 bits it is no longer exact. */
export function varInt(cursor: Cursor): number {
  let value = 0;
  for (let group = 0; group < MAX_GROUPS; group++) {
    const byte = next(cursor);
    value += (byte & 0x7f) * 2 ** (7 * group);
    if (byte < 0x80) return value;
  }
  throw new RangeError('a number in one of its headers has no end');
}

function signed(cursor: Cursor): number {
  const value = varInt(cursor);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function skip(cursor: Cursor, bytes: number): void {
  if (bytes > cursor.bytes.length - cursor.at)
    throw new RangeError(
      `a header claims ${bytes} bytes where ${cursor.bytes.length - cursor.at} are left`,
    );
  cursor.at += bytes;
}

function list(cursor: Cursor, depth: number): void {
  const head = next(cursor);
  const type = head & 15;
  const length = head >> 4 === 15 ? varInt(cursor) : head >> 4;
  // Every element takes a byte at least.
  if (length > cursor.bytes.length - cursor.at)
    throw new RangeError(
      `a header claims a list of ${length} where ${cursor.bytes.length - cursor.at} bytes are left`,
    );
  const isFlag = type === TRUE || type === FALSE;
  for (let i = 0; i < length; i++) value(cursor, isFlag ? BYTE : type, depth);
}

function value(cursor: Cursor, type: number, depth: number): number | Struct | null {
  switch (type) {
    case TRUE:
      return 1;
    case FALSE:
      return 0;
    case BYTE:
      return next(cursor);
    case 4:
    case 5:
    case 6:
      return signed(cursor);
    case DOUBLE:
      skip(cursor, 8);
      return null;
    case BINARY:
      skip(cursor, varInt(cursor));
      return null;
    case LIST:
      list(cursor, depth + 1);
      return null;
    case STRUCT:
      return readStruct(cursor, depth + 1);
    default:
      throw new RangeError(`a header has a field of the unknown type ${type}`);
  }
}

/** @throws RangeError, as the end of a sentence, for lengths that the bytes do not have */
export function readStruct(cursor: Cursor, depth = 0): Struct {
  if (depth > MAX_DEPTH) throw new RangeError(`its headers are nested more than ${MAX_DEPTH} deep`);
  const struct: Struct = new Map();
  for (let field = 0; ; ) {
    const head = next(cursor);
    const type = head & 15;
    if (type === 0) return struct;
    field = head >> 4 === 0 ? signed(cursor) : field + (head >> 4);
    struct.set(field, value(cursor, type, depth));
  }
}
