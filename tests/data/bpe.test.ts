import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../src/data/pacer.ts';
import { createBpeTokenizer, type Merges } from '../../src/data/tokenizers/bpe.ts';
import { bpeSample } from '../../src/data/tokenizers/bpeBuild.ts';
import { trainBpe } from '../../src/data/tokenizers/bpeTrain.ts';
import { utf8Encode } from '../../src/data/tokenizers/bytes.ts';
import { HALF_PAIR, HARD_TEXT, letters } from './support.ts';

/** The definition: one pair rewritten from left to right. */
function rewrite(tokens: number[], left: number, right: number, token: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < tokens.length; ) {
    const isPair = tokens[i] === left && tokens[i + 1] === right;
    out.push(isPair ? token : tokens[i]!);
    i += isPair ? 2 : 1;
  }
  return out;
}

/** The definition: recount everything after each merge. */
function trainNaively(documents: readonly string[], size: number): Merges {
  let rows = documents.map((document) => [...utf8Encode(document)]);
  const merges: [number, number][] = [];
  while (256 + merges.length < size) {
    const counts = new Map<string, number>();
    for (const row of rows) {
      for (let i = 0; i + 1 < row.length; i++) {
        const pair = `${row[i]},${row[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const ordered = [...counts].map(([pair, count]) => ({
      count,
      pair: pair.split(',').map(Number) as [number, number],
    }));
    ordered.sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
    const best = ordered[0];
    if (best === undefined || best.count < 2) break;
    const [left, right] = best.pair;
    rows = rows.map((row) => rewrite(row, left, right, 256 + merges.length));
    merges.push([left, right]);
  }
  return merges;
}

function encodeNaively(document: string, merges: Merges): number[] {
  return merges.reduce(
    (tokens, [left, right], rank) => rewrite(tokens, left, right, 256 + rank),
    [...utf8Encode(document)],
  );
}

const train = (documents: readonly string[], size: number) =>
  trainBpe(documents, size, createPacer(undefined), () => {});

/** Few different characters, so that pairs repeat, overlap and tie. */
const repetitive = fc.array(
  fc
    .array(fc.constantFrom('a', 'b', 'c', 'aa', 'ab', 'é', '日'), { maxLength: 40 })
    .map((parts) => parts.join('')),
  { maxLength: 5 },
);

describe('trainBpe', () => {
  it('learns the merges of the definition', async () => {
    await fc.assert(
      fc.asyncProperty(repetitive, fc.integer({ min: 256, max: 300 }), async (documents, size) => {
        expect(await train(documents, size)).toEqual(trainNaively(documents, size));
      }),
      { numRuns: 300 },
    );
  });

  it('learns the merges of the definition from longer text', async () => {
    const documents = [...letters('abcdefgh .', 8, 200).split('\f'), HARD_TEXT, HARD_TEXT];
    expect(await train(documents, 400)).toEqual(trainNaively(documents, 400));
  });

  it('takes the most frequent pair, then the lowest left, then the lowest right token', async () => {
    // ab, cd: twice each; cb: three times
    expect((await train(['cb', 'cb', 'cb', 'cd', 'cd', 'ab', 'ab'], 259)).map(String)).toEqual([
      '99,98',
      '97,98',
      '99,100',
    ]);
  });

  it('merges nothing across documents', async () => {
    expect(await train(['xa', 'bx', 'xa', 'bx', 'xa', 'bx'], 4096)).toEqual([
      [98, 120],
      [120, 97],
    ]);
  });

  it('stops where no pair occurs twice', async () => {
    expect(await train(['abcabc'], 4096)).toEqual([
      [97, 98],
      [256, 99],
    ]);
    expect(await train([], 4096)).toEqual([]);
  });

  it('refuses a size out of range', async () => {
    for (const size of [255, 4097, 300.5]) {
      await expect(train(['aa'], size)).rejects.toMatchObject({
        name: 'ConfigInvalid',
        message: `tokenizer.size = ${size} is not an integer from 256 to 4096.`,
      });
    }
  });

  it('can be cancelled while it runs', async () => {
    const controller = new AbortController();
    const documents = [letters('abcdefghijklmnopqrstuvwxyz', 200, 1000)];
    let learnt = 0;
    const training = trainBpe(documents, 4096, createPacer(controller.signal), (n) => {
      learnt = n;
      if (n === 1) setTimeout(() => controller.abort(), 0);
    });
    await expect(training).rejects.toMatchObject({ name: 'Cancelled' });
    expect(learnt).toBeLessThan(3840);
  });
});

describe('createBpeTokenizer', () => {
  it('encodes as the definition does, and gives back the text', async () => {
    await fc.assert(
      fc.asyncProperty(repetitive, repetitive, async (documents, others) => {
        const merges = await train(documents, 290);
        const tokenizer = createBpeTokenizer(merges);
        const text = others.join('\f');
        const expected = others.flatMap((document, i) => [
          ...(i === 0 ? [] : [12]),
          ...encodeNaively(document, merges),
        ]);
        expect([...tokenizer.encode(text)]).toEqual(expected);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('gives back any text', async () => {
    const tokenizer = createBpeTokenizer(await train([HARD_TEXT, HARD_TEXT], 300));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
    expect(tokenizer.size).toBe(300);
  });
});

describe('bpeSample', () => {
  it('takes everything up to the limit, and even parts of it past that', () => {
    const documents = ['x'.repeat(50_000), `${'y'.repeat(4095)}😀${'z'.repeat(50_000)}`];
    expect(bpeSample(documents, 104_097)).toEqual(documents);
    const sample = bpeSample(documents, 30_000);
    const text = sample.join('');
    expect(text.length).toBeGreaterThan(20_000);
    expect(text.length).toBeLessThanOrEqual(34_096);
    for (const letter of ['x', 'y', 'z']) expect(text).toContain(letter);
    for (const piece of sample) expect(piece).not.toMatch(HALF_PAIR);
  });
});
