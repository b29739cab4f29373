import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createPacer } from '../../src/data/pacer.ts';
import { createBpeTokenizer } from '../../src/data/tokenizers/bpe.ts';
import { trainBpe } from '../../src/data/tokenizers/bpeTrain.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';
import { createCharsTokenizer } from '../../src/data/tokenizers/chars.ts';
import { createPieceDecoder, fromWholeCharacter } from '../../src/data/tokenizers/pieces.ts';
import type { Tokenizer } from '../../src/data/types.ts';
import { HARD_TEXT } from './support.ts';

const TEXT = `${HARD_TEXT}漢字${HARD_TEXT}😀`;

/** Merges that end within characters, as they do where a text has few of them. */
async function tokenizers(): Promise<Tokenizer[]> {
  const merges = await trainBpe(['漢字漢字', HARD_TEXT], 280, createPacer(undefined), () => {});
  return [bytesTokenizer, createBpeTokenizer(merges), createCharsTokenizer([TEXT])];
}

it('decodes pieces, wherever they are cut, to what the whole says', async () => {
  for (const tokenizer of await tokenizers()) {
    const tokens = tokenizer.encode(TEXT);
    fc.assert(
      fc.property(fc.array(fc.nat(tokens.length), { maxLength: 20 }), (cuts) => {
        const decode = createPieceDecoder(tokenizer);
        const edges = [0, ...cuts.sort((a, b) => a - b), tokens.length];
        const pieces = edges.slice(1).map((end, i) => decode(tokens.subarray(edges[i], end)));
        expect(pieces.join(''), tokenizer.kind).toBe(TEXT);
        expect(pieces.every((piece) => !piece.includes('\ufffd'))).toBe(true);
      }),
    );
  }
});

it('leaves out a character that is never completed, and shows bytes that are no text', () => {
  const decode = createPieceDecoder(bytesTokenizer);
  expect(decode([0x61, 0xe6, 0xbc])).toBe('a');
  expect(decode([0xa2, 0x62])).toBe('漢b');
  expect(decode([0xe6, 0x62, 0xe6])).toBe('\ufffdb');
});

it('begins a window at its first whole character', async () => {
  for (const tokenizer of await tokenizers()) {
    const tokens = tokenizer.encode('漢字😀漢字');
    for (let first = 0; first + 8 < tokens.length; first++) {
      const window = fromWholeCharacter(tokenizer, tokens.subarray(first));
      const decoded = createPieceDecoder(tokenizer)(window);
      expect('漢字😀漢字'.endsWith(decoded), `${tokenizer.kind} from ${first}`).toBe(true);
      expect(tokens.length - first - window.length).toBeLessThanOrEqual(3);
    }
  }
  const parts = Uint32Array.of(0x80, 0x80, 0x80, 0x80, 0x61);
  expect(fromWholeCharacter(bytesTokenizer, parts)).toBe(parts);
});
