import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_OWN_BYTES, ownTextOf, ownTextOfBytes } from '../../src/data/ownText.ts';

const encode = (text: string) => new TextEncoder().encode(text);

describe('ownTextOfBytes', () => {
  it('leaves out byte order marks, and nothing else', () => {
    for (const text of ['abc', '\ufeffabc', '\ufeff\ufeffabc'])
      expect(ownTextOfBytes('a.txt', encode(text)).text).toBe('abc');
    expect(ownTextOfBytes('a.txt', encode('a\ufeff\r\nb\f')).text).toBe('a\ufeff\r\nb\f');
  });

  it('names the first byte that is no part of UTF-8', () => {
    const long = '漢字 é 😀 '.repeat(20_000);
    fc.assert(
      fc.property(
        fc.nat(long.length),
        fc.constantFrom([0x92], [0xc3], [0xe6, 0xbc], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80]),
        (cut, wrong) => {
          const before = encode(long.slice(0, cut).toString());
          const bytes = Uint8Array.of(...wrong, 0x20, 0x61);
          const whole = new Uint8Array(before.length + bytes.length);
          whole.set(before);
          whole.set(bytes, before.length);
          const hex = wrong[0]!.toString(16).toUpperCase();
          const at = (before.length + 1).toLocaleString('en');
          expect(() => ownTextOfBytes('a.txt', whole)).toThrow(
            `a.txt is not text in UTF-8: byte ${at} is 0x${hex}`,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('names the character that the end cuts off', () => {
    const bytes = encode(`${'a'.repeat(70_000)}漢`).subarray(0, 70_002);
    expect(() => ownTextOfBytes('a.txt', bytes)).toThrow('byte 70,001 is 0xE6');
  });

  it('refuses one byte too many, and takes the limit', () => {
    const bytes = new Uint8Array(MAX_OWN_BYTES + 1).fill(0x61);
    expect(() => ownTextOfBytes('a.txt', bytes)).toThrow(
      expect.objectContaining({
        name: 'ConfigInvalid',
        message: 'a.txt has 50,000,001 bytes; at most 50,000,000 bytes (50 MB) are taken',
      }),
    );
    expect(ownTextOfBytes('a.txt', bytes.subarray(1)).text).toHaveLength(MAX_OWN_BYTES);
  });
});

it('gives the same text again, however often it is taken', () => {
  const once = ownTextOf('a', '\ufeff\ufeffa\ud800b');
  expect(once.text).toBe('a\ufffdb');
  expect(ownTextOf('a', once.text)).toEqual(once);
});
