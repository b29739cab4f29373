import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBpeTokenizer } from '../../src/data/tokenizers/bpe.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';
import { createCharsTokenizer } from '../../src/data/tokenizers/chars.ts';
import { labelBytes } from '../../src/data/tokenizers/label.ts';
import { HARD_TEXT } from './support.ts';

/** Any well-formed text: code points of every plane, grapheme clusters, and form feeds. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\f', '\ufeff', 'the ', '日本', '😀'),
    ),
  )
  .map((parts) => parts.join(''));

describe('bytesTokenizer', () => {
  it('gives back any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(bytesTokenizer.decode(bytesTokenizer.encode(text))).toBe(text);
      }),
    );
  });

  it('has the bytes of UTF-8 as tokens', () => {
    expect([...bytesTokenizer.encode('é€😀')]).toEqual([
      0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80,
    ]);
    expect(bytesTokenizer.size).toBe(256);
  });

  it('decodes broken UTF-8 with a replacement character', () => {
    expect(bytesTokenizer.decode([0x61, 0xe2, 0x62])).toBe('a\ufffdb');
  });
});

describe('createCharsTokenizer', () => {
  it('gives back any text made of its characters', () => {
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const tokenizer = createCharsTokenizer([text, other]);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
        expect(tokenizer.size).toBe(new Set(text + other).size);
      }),
    );
  });

  it('numbers characters by code point, those beyond the first plane last', () => {
    const tokenizer = createCharsTokenizer(['b😀a', '￿a']);
    expect([...tokenizer.encode('ab￿😀')]).toEqual([0, 1, 2, 3]);
  });

  it('refuses characters that it does not have, by name', () => {
    const tokenizer = createCharsTokenizer(['abc']);
    expect(() => tokenizer.encode('abé😀')).toThrowError(
      expect.objectContaining({
        name: 'ConfigInvalid',
        message: expect.stringMatching(/among the 3 .*"é" \(U\+00E9\), "😀" \(U\+1F600\)\.$/),
      }),
    );
  });
});

describe('labels', () => {
  it('make spaces, control characters and parts of characters visible', () => {
    const tokenizer = createBpeTokenizer([
      [0x20, 0x74],
      [0xe2, 0x82],
      [0x0a, 0x0a],
    ]);
    expect([256, 257, 258, 0x41, 0x0c].map(tokenizer.label)).toEqual([
      '␣t',
      '⟨E2⟩⟨82⟩',
      '␊␊',
      'A',
      '␌',
    ]);
    expect(labelBytes(Uint8Array.of(0xa9, 0xc3, 0xa9, 0xff))).toBe('⟨A9⟩é⟨FF⟩');
    const chars = createCharsTokenizer(['\u200d\u0301\n']);
    expect([0, 1, 2].map(chars.label)).toEqual(['␊', '◌\u0301', 'U+200D']);
  });

  it('differ for all bytes, and are never empty', () => {
    const labels = Array.from({ length: 256 }, (_, byte) => bytesTokenizer.label(byte));
    expect(new Set(labels).size).toBe(256);
    expect(labels.every((label) => label.length > 0)).toBe(true);
  });
});

describe('all tokenizers', () => {
  it('give back a text of many scripts', () => {
    const bpe = createBpeTokenizer([
      [0xe0, 0xa4],
      [0xf0, 0x9f],
      [0x2c, 0x20],
    ]);
    for (const tokenizer of [bytesTokenizer, createCharsTokenizer([HARD_TEXT]), bpe]) {
      expect(tokenizer.decode(tokenizer.encode(HARD_TEXT)), tokenizer.kind).toBe(HARD_TEXT);
    }
  });
});
