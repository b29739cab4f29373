/**
 * The run's tokenizer in the format of the `tokenizers` library. It is written only where it gives the same
 * ids for every text that the run's own takes.
 */
import { SEPARATOR } from '../../data/corpora.ts';
import type { Tokenizer } from '../../data/types.ts';

/** Bytes that the library's byte-level alphabet writes as themselves: `!` to `~`, `¡` to `¬`, `®` to `ÿ`. */
const isPrinted = (byte: number) =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/** Characters of the 256 bytes: the others follow each other from U+0100. */
const BYTE_CHARS: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrinted(byte) ? byte : next++),
  );
})();

const ADDED = { added_tokens: [], normalizer: null, post_processor: null };
const HEAD = { version: '1.0', truncation: null, padding: null };
const byteLevel = {
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: false,
};
/** Texts are divided at the separator of documents, which no merge crosses. */
const documents = {
  type: 'Split',
  pattern: { String: SEPARATOR },
  behavior: 'Isolated',
  invert: false,
};

function ofBytes(names: readonly string[], merges: readonly string[]): object {
  return {
    ...HEAD,
    ...ADDED,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [documents, byteLevel] },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges,
    },
  };
}

/** One entry per character; one that it does not know is an error there too, since nothing stands for it. */
function ofChars(chars: readonly string[]): object {
  return {
    ...HEAD,
    ...ADDED,
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: '[\\s\\S]' },
      behavior: 'Isolated',
      invert: false,
    },
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(chars.map((char, id) => [char, id])),
      unk_token: '[unknown]',
    },
  };
}

export interface ToldTokenizer {
  /** `tokenizer.json`; null where the library cannot have it. */
  json: object | null;
  /** Why not. */
  why: string;
}

/** @throws RangeError for byte pairs without their merges */
export function tokenizerFile({ kind, size, merges, label, decode }: Tokenizer): ToldTokenizer {
  const exact = (json: object): ToldTokenizer => ({ json, why: '' });
  if (kind === 'chars')
    return exact(ofChars(Array.from({ length: size }, (_, token) => decode([token]))));
  if (kind === 'bytes') return exact(ofBytes(BYTE_CHARS, []));
  if (merges === undefined) throw new RangeError(`the merges of "${label(0)}" … are not known`);
  const names = [...BYTE_CHARS];
  const pairs = merges.map((pair) => {
    const parts = pair.map((token) => names[token] ?? '');
    names.push(parts.join(''));
    return parts.join(' ');
  });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    return {
      json: null,
      why: `two of its entries are the same bytes (“${twice}”), which it learnt in two ways; the library knows entries by their bytes`,
    };
  return exact(ofBytes(names, pairs));
}
