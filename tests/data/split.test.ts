import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitDocuments } from '../../src/data/split.ts';
import { HALF_PAIR } from './support.ts';

const share = fc.double({ min: 0.01, max: 0.5, noNaN: true });
const someDocuments = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), {
  minLength: 1,
  maxLength: 60,
});

describe('splitDocuments', () => {
  it('keeps every character in exactly one part, in order, and holds out no more than the share', () => {
    fc.assert(
      fc.property(someDocuments, share, (documents, part) => {
        const named = documents.map((text, i) => `${i}:${text}`);
        const { training, validation } = splitDocuments(named, part);
        const texts = training.map(({ text }) => text);
        const isWhole = [...texts, ...validation].every((text) => named.includes(text));
        if (isWhole) {
          expect([...texts, ...validation].sort()).toEqual([...named].sort());
          expect(texts).toEqual(named.filter((text) => texts.includes(text)));
          expect(validation).toEqual(named.filter((text) => validation.includes(text)));
        } else {
          expect([...texts, ...validation].join('')).toBe(named.join(''));
        }
        const total = named.join('').length;
        const heldOut = validation.join('').length;
        expect(heldOut).toBeLessThanOrEqual(Math.ceil(part * total) + 1);
        expect(heldOut).toBeGreaterThanOrEqual(Math.floor((part * total) / 2));
        for (const text of [...texts, ...validation]) expect(text).not.toMatch(HALF_PAIR);
      }),
      { numRuns: 300 },
    );
  });

  it('holds out the end of a single document', () => {
    const { training, validation } = splitDocuments(['0123456789'], 0.2);
    expect(training).toEqual([{ text: '01234567', rank: 0 }]);
    expect(validation).toEqual(['89']);
  });

  it('cuts between characters, not inside one', () => {
    const { training, validation } = splitDocuments(['ab😀'], 0.25);
    expect([training[0]?.text, ...validation]).toEqual(['ab', '😀']);
  });

  it('holds out whole documents where there are enough of them, from all over the text', () => {
    const documents = Array.from({ length: 200 }, (_, i) => String(i).padStart(5));
    const { training, validation } = splitDocuments(documents, 0.1);
    expect(validation).toHaveLength(20);
    const indices = validation.map(Number);
    expect(Math.min(...indices)).toBeLessThan(60);
    expect(Math.max(...indices)).toBeGreaterThan(140);
    expect(new Set(training.map(({ rank }) => rank)).size).toBe(180);
  });

  it('refuses a share that leaves one part empty', () => {
    for (const bad of [0, 1, -0.1, Number.NaN]) {
      expect(() => splitDocuments(['abc'], bad)).toThrowError(`data.validationShare = ${bad} must`);
    }
  });
});
