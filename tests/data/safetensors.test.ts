import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensors, type SafeTensor, writeSafetensors } from '../../src/data/safetensors.ts';

const tensors = new Map<string, SafeTensor>([
  ['b', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 255) }],
  ['a', { dtype: 'F32', shape: [1, 2], data: Float32Array.of(-0.5, 3e38) }],
  ['scalar', { dtype: 'I32', shape: [], data: Int32Array.of(-7) }],
  ['empty', { dtype: 'F32', shape: [0, 4], data: new Float32Array() }],
  ['__proto__', { dtype: 'F32', shape: [1], data: Float32Array.of(2) }],
  ['constructor', { dtype: 'F32', shape: [1], data: Float32Array.of(3) }],
  ['u', { dtype: 'U32', shape: [1], data: Uint32Array.of(4294967295) }],
]);

/** A file with the given header and data. */
function file(header: unknown, data: number[] = []): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

describe('safetensors', () => {
  it('reads what it writes, in order, at any alignment', () => {
    const bytes = writeSafetensors(tensors, { format: 'pt' });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const source of [bytes, shifted.subarray(1)]) {
      const { tensors: back, metadata } = readSafetensors(source);
      expect([...back]).toEqual([...tensors]);
      expect(metadata).toEqual({ format: 'pt' });
    }
  });

  it('pads the header to a multiple of 8', () => {
    const view = new DataView(writeSafetensors(tensors).buffer);
    expect(view.getBigUint64(0, true) % 8n).toBe(0n);
  });

  it('copies: a later change of the bytes changes no tensor', () => {
    const bytes = Buffer.from(writeSafetensors(tensors));
    const { tensors: back } = readSafetensors(bytes);
    bytes.fill(0);
    expect(back.get('a')).toEqual(tensors.get('a'));
  });

  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  const data = [0, 0, 0, 0];
  it.each([
    ['too short', Uint8Array.of(1, 2, 3), 'a file of 3 bytes'],
    ['header beyond the file', file('').fill(9, 0, 1), 'the header claims 9 bytes of a file of 8'],
    ['no JSON', file('{'), 'the header is not JSON'],
    [
      'a name that stands twice',
      file(`{"x":${JSON.stringify(entry)},"\\u0078":${JSON.stringify(entry)}}`, data),
      '"x" stands twice',
    ],
    [
      'metadata that stands twice',
      file(`{"__metadata__":{"step":"1","step":"2"},"x":${JSON.stringify(entry)}}`, data),
      '"step" stands twice',
    ],
    ['a list', file([]), 'the header is no object'],
    ['unknown dtype', file({ x: { ...entry, dtype: 'F16' } }, data), '"x" has dtype "F16"'],
    ['inherited dtype', file({ x: { ...entry, dtype: 'toString' } }, data), 'dtype "toString"'],
    ['negative shape', file({ x: { ...entry, shape: [-1] } }, data), 'the shape [-1]'],
    ['one offset', file({ x: { ...entry, data_offsets: [0] } }, data), 'data_offsets [0]'],
    ['wrong size', file({ x: { ...entry, shape: [2] } }, data), '"x" takes 4 bytes'],
    ['beyond the data', file({ x: entry }), '"x" ends at byte 4 of 0'],
    ['overlap', file({ x: entry, y: entry }, data), '"y" begins at byte 0'],
    ['a gap at the end', file({ x: entry }, [...data, 1]), 'end at byte 4 of 5'],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }), '__metadata__.a is no text'],
  ])('refuses: %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message);
  });

  it('refuses to write a shape that does not fit', () => {
    const wrong: SafeTensor = { dtype: 'F32', shape: [3], data: new Float32Array(2) };
    expect(() => writeSafetensors(new Map([['w', wrong]]))).toThrow('"w" has 2 elements');
  });

  it('round trips any float32 values', () => {
    fc.assert(
      fc.property(fc.float32Array(), (data) => {
        const one = new Map<string, SafeTensor>([
          ['x', { dtype: 'F32', shape: [data.length], data }],
        ]);
        expect(readSafetensors(writeSafetensors(one)).tensors.get('x')!.data).toEqual(data);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});
