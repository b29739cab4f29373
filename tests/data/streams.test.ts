import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../src/data/pacer.ts';
import { encodeDocument, joinDocuments, limitDocuments } from '../../src/data/streams.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';
import { createCharsTokenizer } from '../../src/data/tokenizers/chars.ts';
import { HARD_TEXT } from './support.ts';

/** Documents whose bytes are their index, ranked in any order. */
const rankedDocuments = fc
  .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 })
  .chain((lengths) =>
    fc.shuffledSubarray([...lengths.keys()], { minLength: lengths.length }).map((ranks) =>
      lengths.map((length, i) => ({
        tokens: new Uint8Array(length).fill(100 + i),
        rank: ranks[i]!,
      })),
    ),
  );

describe('limitDocuments', () => {
  it('gives exactly the tokens asked for, in the order of the text, a larger limit adding to a smaller one', () => {
    fc.assert(
      fc.property(rankedDocuments, fc.nat(), fc.nat(), (documents, a, b) => {
        const all = joinDocuments(
          bytesTokenizer,
          documents.map(({ tokens }) => tokens),
        );
        const limits = [a, b].map((n) => 1 + (n % all.length)).sort((x, y) => x - y);
        const [small, large] = limits.map((limit) => {
          const kept = limitDocuments(documents, limit);
          expect(joinDocuments(bytesTokenizer, kept)).toHaveLength(limit);
          const text = kept.flatMap((tokens) => [...tokens]);
          expect(text.toSorted((x, y) => x - y)).toEqual(text);
          return text;
        });
        for (const token of new Set(small)) {
          const count = (text: number[] | undefined) =>
            text?.filter((t) => t === token).length ?? 0;
          expect(count(large)).toBeGreaterThanOrEqual(count(small));
        }
        expect(limitDocuments(documents, all.length)).toEqual(
          documents.map(({ tokens }) => tokens),
        );
      }),
    );
  });
});

describe('encodeDocument', () => {
  it('encodes a long document in pieces without loss, and reports all of it', async () => {
    const text = `x${HARD_TEXT.repeat(6000)}`;
    for (const tokenizer of [bytesTokenizer, createCharsTokenizer([text])]) {
      let units = 0;
      const tokens = await encodeDocument(tokenizer, text, createPacer(undefined), (n) => {
        units += n;
      });
      expect(units).toBe(text.length);
      expect(tokens).toBeInstanceOf(Uint8Array);
      expect(tokenizer.decode(tokens) === text, tokenizer.kind).toBe(true);
    }
  });
});
