import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK } from '../../src/data/order.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { createBpeTokenizer } from '../../src/data/tokenizers/bpe.ts';
import type { Batch, PreparedText } from '../../src/data/types.ts';
import { experimentOf, HARD_TEXT, letters, memorySource } from './support.ts';

const PROSE = letters('abcdefgh', 40, 90);
const CODE = letters('(){};=', 60, 50);
const ARITHMETIC = letters('0123456789+', 30, 70);
const source = memorySource({ prose: PROSE, code: CODE, arithmetic: ARITHMETIC });
const MIX = { prose: 2, code: 1, arithmetic: 1 };
const own = (text: string) => ({ name: 'notes.txt', text });
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function sequences({ tokens, targets, domains }: Batch, S: number) {
  return Array.from({ length: tokens.length / S }, (_, b) => {
    const span = [b * S, (b + 1) * S] as const;
    return {
      tokens: [...tokens.slice(...span)],
      targets: [...targets.slice(...span)],
      domains: [...domains.slice(...span)],
    };
  });
}

const trainingSequences = (prepared: PreparedText, steps: number, S = 16) =>
  Array.from({ length: steps }, (_, i) => sequences(prepared.trainingBatch(i + 1), S)).flat();

describe('prepareText', () => {
  it('gives windows of the texts, each of one domain, with the next tokens as targets', async () => {
    const prepared = await prepareText(experimentOf({ mix: MIX }), source, null);
    expect(prepared.domains).toEqual(['prose', 'code', 'arithmetic']);
    const alphabets = [/^[a-h\f]+$/, /^[(){};=\f]+$/, /^[0-9+\f]+$/];
    for (const { tokens, targets, domains } of trainingSequences(prepared, 50)) {
      expect(new Set(domains).size).toBe(1);
      expect(prepared.tokenizer.decode([...tokens, ...targets])).toMatch(alphabets[domains[0]!]!);
      expect(tokens.slice(1)).toEqual(targets.slice(0, -1));
    }
  });

  it('draws domains by the weights of the mix', async () => {
    const prepared = await prepareText(experimentOf({ mix: MIX }), source, null);
    const all = trainingSequences(prepared, BLOCK / 4);
    const count = (d: number) => all.filter(({ domains }) => domains[0] === d).length;
    expect([0, 1, 2].map(count)).toEqual([512, 256, 256]);
    expect(prepared.epochsAt(BLOCK / 4).prose).toBeCloseTo((512 * 16) / (0.9 * PROSE.length), 0);
  });

  it('is the same every time, at any step, and depends on seeds.data only', async () => {
    const experiment = experimentOf({ mix: MIX });
    const first = await prepareText(experiment, source, null);
    const second = await prepareText(experiment, source, null);
    for (const step of [1, 700, 2, 100_000, 1]) {
      expect(second.trainingBatch(step)).toEqual(first.trainingBatch(step));
    }
    const otherInit = { ...experiment, seeds: { ...experiment.seeds, init: 9, drop: 9 } };
    const third = await prepareText(otherInit, source, null);
    expect(third.trainingBatch(3)).toEqual(first.trainingBatch(3));
    const otherData = { ...experiment, seeds: { ...experiment.seeds, data: 9 } };
    const fourth = await prepareText(otherData, source, null);
    expect(fourth.trainingBatch(3)).not.toEqual(first.trainingBatch(3));
    expect(fourth.validationBatch(3)).toEqual(first.validationBatch(3));
  });

  it('never trains on validation text', async () => {
    const documents = Array.from({ length: 100 }, (_, i) => `#${i}# ${'.'.repeat(40)}`);
    const texts = memorySource({ prose: documents.join('\f') });
    const prepared = await prepareText(experimentOf({ mix: { prose: 1 } }), texts, null);
    const numbers = (batches: Batch[]) =>
      new Set(
        batches.flatMap(({ tokens }) => prepared.tokenizer.decode(tokens).match(/#\d+#/g) ?? []),
      );
    const training = numbers(Array.from({ length: 100 }, (_, i) => prepared.trainingBatch(i + 1)));
    const validation = numbers(Array.from({ length: 20 }, (_, i) => prepared.validationBatch(i)));
    expect(training.size).toBeGreaterThan(50);
    expect(validation.size).toBeGreaterThan(3);
    for (const number of validation) expect(training).not.toContain(number);
  });

  it('limits the unique tokens, in shares of the mix', async () => {
    const windowsSeen = async (uniqueTokens: number) => {
      const prepared = await prepareText(experimentOf({ mix: MIX, uniqueTokens }), source, null);
      const seen = trainingSequences(prepared, 400).map(({ tokens }) => tokens.join());
      return { prepared, seen: new Set(seen) };
    };
    const small = await windowsSeen(640);
    expect(small.prepared.trainingTokens).toBe(640);
    expect(small.seen.size).toBe(40);
    const passes = small.prepared.epochsAt((40 * 3) / 4);
    for (const passed of Object.values(passes)) expect(passed).toBeCloseTo(3, 0);
    const huge = await windowsSeen(1e9);
    const unlimited = await prepareText(experimentOf({ mix: MIX }), source, null);
    expect(huge.prepared.trainingTokens).toBe(unlimited.trainingTokens);
    expect(huge.prepared.trainingBatch(5)).toEqual(unlimited.trainingBatch(5));
  });

  it('repeats no window within an epoch, and all of them in the next', async () => {
    const text = Array.from({ length: 700 }, (_, i) => `${i},`).join('');
    const data = { mix: { own: 1 }, uniqueTokens: 320 };
    const prepared = await prepareText(experimentOf(data), source, own(text));
    const all = trainingSequences(prepared, 20).map(({ tokens }) => tokens.join());
    const epochs = [0, 1, 2, 3].map((e) => all.slice(e * 20, e * 20 + 20));
    for (const epoch of epochs) expect(new Set(epoch).size).toBe(20);
    expect(epochs[1]?.toSorted()).toEqual(epochs[0]?.toSorted());
    expect(epochs[1]).not.toEqual(epochs[0]);
    expect(prepared.epochsAt(0)).toEqual({ own: 0 });
    expect(prepared.epochsAt(5)).toEqual({ own: 1 });
    expect(prepared.epochsAt(20)).toEqual({ own: 4 });
  });

  it('ends the run after data.epochs', async () => {
    const text = letters('abcdefg', 1, 1000);
    const data = { mix: { own: 1 }, uniqueTokens: 320, epochs: 2.5 };
    const prepared = await prepareText(experimentOf(data), source, own(text));
    expect(prepared.lastStep).toBe(12);
    expect(prepared.trainingBatch(12).tokens).toHaveLength(64);
    expect(() => prepared.trainingBatch(13)).toThrowError(/step 13 .* from 1 to 12/);
    const tooFew = experimentOf({ ...data, epochs: 0.1 });
    await expect(prepareText(tooFew, source, own(text))).rejects.toMatchObject({
      name: 'ConfigInvalid',
      message: 'data.epochs = 0.1 of 20 windows is less than one batch of batch.B = 4.',
    });
  });

  it('measures the unigram entropy that the mix converges to', async () => {
    const prepared = await prepareText(
      experimentOf({ mix: MIX, uniqueTokens: 2048 }),
      source,
      null,
    );
    const counts = new Map<string, number>();
    const all = trainingSequences(prepared, 2 * BLOCK);
    for (const { targets } of all) {
      for (const token of targets) counts.set(String(token), (counts.get(String(token)) ?? 0) + 1);
    }
    const total = all.length * 16;
    const entropy = [...counts.values()].reduce((h, n) => h - (n / total) * Math.log(n / total), 0);
    expect(prepared.unigramEntropy).toBeCloseTo(entropy, 3);
    expect(prepared.charactersPerToken).toBe(1);
  });

  it('counts characters, and characters per token', async () => {
    const text = HARD_TEXT.repeat(20);
    const experiment = experimentOf({ mix: { own: 1 } });
    const prepared = await prepareText(experiment, source, own(text));
    expect(prepared.characters).toBe([...text].length);
    const ratio = [...text].length / Buffer.byteLength(text);
    expect(prepared.charactersPerToken).toBeCloseTo(ratio, 2);
    const chars = { ...experiment, tokenizer: { kind: 'chars', size: 256 } as const };
    const inChars = await prepareText(chars, source, own(text));
    expect(inChars.charactersPerToken).toBe(1);
    expect(inChars.tokenizer.size).toBe(new Set(text).size);
  });

  it('trains BPE on the training split only, without merging across documents', async () => {
    const experiment = experimentOf({ mix: MIX }, { tokenizer: { kind: 'bpe', size: 300 } });
    const stages: string[] = [];
    const prepared = await prepareText(experiment, source, null, (stage, done, total) => {
      stages.push(stage);
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThanOrEqual(total);
    });
    expect(new Set(stages)).toEqual(new Set(['tokenizer', 'data']));
    expect(prepared.tokenizer.size).toBe(300);
    const entries = Array.from({ length: 300 }, (_, token) => prepared.tokenizer.decode([token]));
    expect(entries.filter((text) => text.includes('\f'))).toEqual(['\f']);
    const text = PROSE + HARD_TEXT;
    expect(prepared.tokenizer.decode(prepared.tokenizer.encode(text))).toBe(text);
    const bytes = createBpeTokenizer([]);
    expect(prepared.tokenizer.encode(PROSE).length).toBeLessThan(bytes.encode(PROSE).length / 1.3);
    expect(prepared.charactersPerToken).toBeGreaterThan(1.3);
  });
});

describe('hash of the text', () => {
  const prepare = (data: Parameters<typeof experimentOf>[0], text: string | null = null) =>
    prepareText(experimentOf(data), source, text === null ? null : own(text));

  it('is the SHA-256 of a single text, and of the list of several', async () => {
    const text = letters('xyz é', 1, 600);
    expect((await prepare({ mix: { own: 1 } }, text)).hash).toBe(sha256(text));
    expect((await prepare({ mix: { prose: 3, code: 0 } })).hash).toBe(sha256(PROSE));
    const lines = `prose ${sha256(PROSE)}\ncode ${sha256(CODE)}\n`;
    expect((await prepare({ mix: { code: 1, prose: 3 } })).hash).toBe(sha256(lines));
  });

  it('must be the one that the experiment names', async () => {
    const hash = sha256(PROSE);
    expect((await prepare({ mix: { prose: 1 }, hash })).hash).toBe(hash);
    const error = { name: 'DataMissing', message: expect.stringContaining(hash) };
    const mismatch = prepare({ mix: { code: 1 }, hash });
    await expect(mismatch).rejects.toMatchObject(error);
    await expect(mismatch).rejects.toThrowError(sha256(CODE));
    await expect(prepare({ mix: { own: 1 }, hash })).rejects.toMatchObject(error);
    await expect(prepare({ mix: { own: 1 } })).rejects.toMatchObject({ name: 'DataMissing' });
  });

  it('tells a damaged corpus from the index', async () => {
    const damaged = { index: source.index, text: async () => PROSE.slice(1) };
    const prepared = prepareText(experimentOf({ mix: { prose: 1 } }), damaged, null);
    await expect(prepared).rejects.toMatchObject({
      name: 'DataMissing',
      message: expect.stringMatching(/"prose" is damaged: 3638 bytes/),
    });
  });
});

describe('texts and settings that cannot be used', () => {
  const refuse = async (
    data: Parameters<typeof experimentOf>[0],
    text: string | null,
    message: RegExp | string,
    rest: Parameters<typeof experimentOf>[1] = {},
  ) => {
    const prepared = prepareText(
      experimentOf(data, rest),
      source,
      text === null ? null : own(text),
    );
    await expect(prepared).rejects.toMatchObject({ name: 'ConfigInvalid' });
    await expect(prepared).rejects.toThrowError(message);
  };
  const ownOnly = { mix: { own: 1 } };

  it('names an empty text, and one that is too short in either split', async () => {
    await refuse(ownOnly, '', 'notes.txt is empty: there is nothing to train on');
    await refuse(ownOnly, ' \n\f\n', 'notes.txt is empty: there is nothing to train on');
    await refuse(
      ownOnly,
      'a'.repeat(12),
      /training part of "own" has 10 tokens; .*S = 16 needs 17/,
    );
    await refuse(ownOnly, 'a'.repeat(100), /validation part of "own" has 10 tokens; .* needs 17/);
    await refuse(
      { mix: { own: 1 }, uniqueTokens: 15 },
      'a'.repeat(999),
      /uniqueTokens = 15 leaves 15/,
    );
  });

  it('takes 50 MB of UTF-8 and no byte more', async () => {
    const limit = 50_000_000;
    await refuse(ownOnly, 'a'.repeat(limit + 1), /has 50,000,001 bytes; at most 50,000,000 bytes/);
    await refuse(ownOnly, `${'a'.repeat(limit - 1)}é`, /has 50,000,001 bytes/);
  });

  it('names a mix without weight or with a bad one', async () => {
    await refuse({ mix: {} }, null, 'no corpus with a weight above 0');
    await refuse({ mix: { prose: 0 } }, null, 'no corpus with a weight above 0');
    await refuse({ mix: { prose: 1, code: -2 } }, null, 'data.mix.code = -2');
    await refuse({ mix: { prose: Number.NaN } }, null, 'data.mix.prose = NaN');
  });

  it('names a vocabulary that is too small', async () => {
    const experiment = experimentOf({ mix: { prose: 1 } });
    const small = { ...experiment, model: { ...experiment.model, V: 100 } };
    await expect(prepareText(small, source, null)).rejects.toMatchObject({
      name: 'ConfigInvalid',
      message: "model.V = 100 is less than the tokenizer's 256 entries.",
    });
  });

  it('says which corpora there are when one is missing', async () => {
    const experiment = experimentOf({ mix: { speeches: 1 } });
    await expect(prepareText(experiment, source, null)).rejects.toMatchObject({
      name: 'DataMissing',
      message: 'There is no corpus "speeches"; there are: prose, code, arithmetic.',
    });
  });

  it('stops when it is cancelled', async () => {
    const signal = AbortSignal.abort();
    const experiment = experimentOf({ mix: { prose: 1 } });
    const prepared = prepareText(experiment, source, null, () => {}, signal);
    await expect(prepared).rejects.toMatchObject({ name: 'Cancelled' });
  });

  it('makes half a surrogate pair a replacement character', async () => {
    const prepared = await prepareText(experimentOf(ownOnly), source, own('a\ud800b'.repeat(100)));
    expect(prepared.hash).toBe(sha256('a\ufffdb'.repeat(100)));
  });
});

describe('any experiment', () => {
  it('reads tokens below V, of the domains in use, and full batches', async () => {
    const weight = fc.constantFrom(0, 0.01, 1, 5);
    const cases = fc.record({
      mix: fc.record({ prose: weight, code: weight, arithmetic: weight, own: fc.constant(0.5) }),
      kind: fc.constantFrom('bytes' as const, 'chars' as const, 'bpe' as const),
      B: fc.integer({ min: 1, max: 9 }),
      S: fc.integer({ min: 1, max: 30 }),
      step: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ mix, kind, B, S, step }) => {
        const rest = { tokenizer: { kind, size: 270 }, batch: { B, S } };
        const experiment = experimentOf({ mix }, rest);
        const prepared = await prepareText(experiment, source, own(HARD_TEXT.repeat(30)));
        for (const batch of [prepared.trainingBatch(step), prepared.validationBatch(step)]) {
          expect(batch.tokens).toHaveLength(B * S);
          for (const token of [...batch.tokens, ...batch.targets]) {
            expect(token).toBeLessThan(prepared.tokenizer.size);
          }
          for (const domain of batch.domains) expect(domain).toBeLessThan(prepared.domains.length);
        }
      }),
      { numRuns: 40 },
    );
  });
});
