/** q. Bits: the loss in units that compare between tokenizers (docs/analysis.md). */
import { figureOf } from './figure.ts';
import { mean, quotient, sum } from './numbers.ts';

interface Bits {
  ce: Float32Array;
  /** Of the targets' texts. */
  bytes: number;
  characters: number;
}

const bitsOf = ({ ce }: Bits) => sum(ce) / Math.LN2;

const rows = {
  ce: {
    label: 'Loss',
    formula: 'mean of ce_u',
    meaning: 'Mean next-token loss.',
    source: 'field',
    format: 'nats',
    compute: ({ ce }: Bits) => mean(ce),
  },
  perplexity: {
    label: 'Perplexity',
    formula: 'exp(ce)',
    meaning: 'Number of equally likely tokens with the same loss.',
    source: 'field',
    format: 'decimal',
    compute: ({ ce }: Bits) => Math.exp(mean(ce)),
  },
  tokens: {
    label: 'Tokens',
    formula: 'U',
    meaning: 'Tokens that were predicted.',
    source: 'field',
    format: 'count',
    compute: ({ ce }: Bits) => ce.length,
  },
  bytes: {
    label: 'Bytes',
    formula: 'Σ bytes of the targets’ texts',
    meaning: 'Bytes of UTF-8 that were predicted.',
    source: 'field',
    format: 'count',
    compute: ({ bytes }: Bits) => bytes,
  },
  characters: {
    label: 'Characters',
    formula: 'bytes that are not 0x80 … 0xBF',
    meaning: 'Characters that were predicted, each counted at its first byte.',
    source: 'EqualRes (BPC)',
    format: 'count',
    compute: ({ characters }: Bits) => characters,
  },
  bitsPerToken: {
    label: 'Bits per token',
    formula: 'Σ ce / ln 2 / tokens',
    meaning: 'Loss of a token in bits.',
    source: 'field',
    format: 'bits',
    compute: (of: Bits) => quotient(bitsOf(of), of.ce.length),
  },
  bitsPerByte: {
    label: 'Bits per byte',
    formula: 'Σ ce / ln 2 / bytes',
    meaning: 'Loss by byte of the text: the same scale for every tokenizer.',
    source: 'field',
    format: 'bits',
    compute: (of: Bits) => quotient(bitsOf(of), of.bytes),
  },
  bitsPerCharacter: {
    label: 'Bits per character',
    formula: 'Σ ce / ln 2 / characters',
    meaning: 'Loss by character of the text, of the inspection’s own characters.',
    source: 'EqualRes (BPC)',
    format: 'bits',
    compute: (of: Bits) => quotient(bitsOf(of), of.characters),
  },
} as const;

export const bits = figureOf<object, null, Bits>()({
  id: 'bits',
  title: 'Bits',
  dense: true,
  ofLayer: (_, _args) => null,
  layerRows: {},
  over: ({ inspection, texts }) => {
    if (texts === undefined) throw new Error('bits: the texts of the tokens are needed');
    let [bytes, characters] = [0, 0];
    for (const id of inspection.targets) {
      const text = texts[id] ?? new Uint8Array();
      bytes += text.length;
      characters += text.filter((byte) => (byte & 0xc0) !== 0x80).length;
    }
    return { ce: inspection.ce, bytes, characters };
  },
  rows,
});
