/** What is offered to a run that trains, and must be refused: files, links, texts and curves. */
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';

/** A small run that goes on for as long as it is disturbed. */
export const SMALL = applyChange(DEFAULTS_V1, {
  'model.D': 16,
  'model.L': 1,
  'model.H': 2,
  'model.Hkv': 2,
  'model.denseHidden': 16,
  'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
  'batch.B': 1,
  'batch.S': 16,
  'data.mix': { arithmetic: 1 },
  'tokenizer.kind': 'bytes',
  'optimizer.warmup': 5,
  'optimizer.totalSteps': 100_000,
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
});
const START = initialState(engineConfig(SMALL, 256), SMALL.initStd, SMALL.seeds.init);

/** A file that is refused, and what is said of it. */
export interface Offer {
  name: string;
  bytes: Uint8Array;
  says: RegExp;
}

/** A checkpoint of the run's own model with something about it changed. */
function checkpoint(
  change: (tensors: SafeTensors, metadata: Record<string, string>) => void,
): Uint8Array {
  const { tensors, metadata } = readSafetensors(
    encodeCheckpoint({ experiment: SMALL, state: START }),
  );
  change(tensors, metadata);
  return writeSafetensors(tensors, metadata);
}

function spoilt(name: string, value: number): Uint8Array {
  return checkpoint((tensors) => {
    tensors.get(name)!.data[1] = value;
  });
}

function of(experiment: Experiment): Uint8Array {
  return checkpoint((_, metadata) => {
    metadata.experiment = JSON.stringify(experiment);
  });
}

function renamed(tensors: SafeTensors, from: string, to: string): void {
  const tensor = tensors.get(from)!;
  tensors.delete(from);
  tensors.set(to, tensor);
}

/** A header in which a tensor's name stands twice, over the same data. */
function doubled(): Uint8Array {
  const bytes = checkpoint(() => undefined);
  const text = new TextDecoder('latin1').decode(bytes.subarray(8));
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = text.slice(0, length).trimEnd();
  const [entry = ''] = /"head\.weight":\{[^}]*\}/.exec(header) ?? [];
  const json = new TextEncoder().encode(`${header.slice(0, -1)},${entry}}`);
  const file = new Uint8Array(8 + json.length + bytes.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(bytes.subarray(8 + length), 8 + json.length);
  return file;
}

const text = (content: string) => new TextEncoder().encode(content);
const json = (value: unknown) => text(JSON.stringify(value));

export const EXPERIMENTS: readonly Offer[] = [
  { name: 'answer.json', bytes: text('42'), says: /is no experiment: it holds 42/ },
  { name: 'list.json', bytes: text('[]'), says: /is no experiment: it holds \[\]/ },
  { name: 'null.json', bytes: text('null'), says: /is no experiment: it holds null/ },
  { name: 'words.json', bytes: text('"words"'), says: /is no experiment: it holds "words"/ },
  { name: 'empty.json', bytes: text(''), says: /is not JSON/ },
  { name: 'cut.json', bytes: json(SMALL).subarray(0, 99), says: /is not JSON/ },
  { name: 'nothing.json', bytes: text('{}'), says: /is no experiment: .*it has nothing/ },
  {
    name: 'package.json',
    bytes: json({ name: 'x', version: '1.0.0', scripts: {} }),
    says: /is no experiment: it has none of model.*it has name, version, scripts/,
  },
  {
    name: 'tsconfig.json',
    bytes: json({ compilerOptions: { strict: true } }),
    says: /it has compilerOptions/,
  },
  {
    name: 'later.json',
    bytes: json({ ...SMALL, version: 9 }),
    says: /version 9 cannot be read; this program reads version 1/,
  },
  {
    name: 'wide.json',
    bytes: json({ version: 1, model: { D: 'wide' } }),
    says: /"wide" is not allowed; it must be a whole number from/,
  },
  {
    name: 'twice.json',
    bytes: text('{"version":1,"model":{"D":8,"D":16}}'),
    says: /is ambiguous: "D" stands twice/,
  },
  { name: 'runs.json', bytes: json([SMALL]), says: /is no experiment: it holds \[\{/ },
];

export const CHECKPOINTS: readonly Offer[] = [
  { name: 'empty.safetensors', bytes: text(''), says: /a file of 0 bytes/ },
  { name: 'junk.safetensors', bytes: text('x'.repeat(99)), says: /the header claims/ },
  {
    name: 'cut.safetensors',
    bytes: checkpoint(() => undefined).subarray(0, -5),
    says: /ends at byte [\d,]+ of [\d,]+ bytes/,
  },
  { name: 'other.safetensors', bytes: writeSafetensors(new Map()), says: /its format is "none"/ },
  { name: 'doubled.safetensors', bytes: doubled(), says: /"head.weight" stands twice/ },
  {
    name: 'transposed.safetensors',
    bytes: checkpoint((tensors) => {
      const { shape, data } = tensors.get('head.weight')!;
      tensors.set('head.weight', {
        dtype: 'F32',
        shape: shape.toReversed(),
        data: Float32Array.from(data),
      });
    }),
    says: /"head.weight" has shape \[.*the model needs/,
  },
  {
    name: 'renamed.safetensors',
    bytes: checkpoint((tensors) => renamed(tensors, 'head.weight', 'tail.weight')),
    says: /"head.weight" is missing/,
  },
  {
    name: 'more.safetensors',
    bytes: checkpoint((tensors) =>
      tensors.set('more', { dtype: 'F32', shape: [1], data: new Float32Array(1) }),
    ),
    says: /no parameter "more"/,
  },
  {
    name: 'less.safetensors',
    bytes: checkpoint((tensors) => tensors.delete('moment1.head.weight')),
    says: /"moment1.head.weight" is missing/,
  },
  {
    name: 'whole.safetensors',
    bytes: checkpoint((tensors) =>
      tensors.set('final_norm.weight', { dtype: 'I32', shape: [16], data: new Int32Array(16) }),
    ),
    says: /has dtype I32, not F32/,
  },
  ...['', '-1', '1.5', '1e3'].map((step, i) => ({
    name: `step${i}.safetensors`,
    bytes: checkpoint((_, metadata) => {
      metadata.step = step;
    }),
    says: /its step is ".*"; it must be a whole number from 0/,
  })),
  {
    name: 'cursor.safetensors',
    bytes: checkpoint((_, metadata) => {
      metadata.dataCursor = '7';
    }),
    says: /its data cursor is 7, after step 0 it is 1/,
  },
  { name: 'nan.safetensors', bytes: spoilt('head.weight', NaN), says: /"head.weight" is NaN/ },
  { name: 'inf.safetensors', bytes: spoilt('embed.weight', Infinity), says: /is Infinity at/ },
  { name: 'm1.safetensors', bytes: spoilt('moment1.head.weight', NaN), says: /moment1.* is NaN/ },
  { name: 'm2.safetensors', bytes: spoilt('moment2.head.weight', NaN), says: /moment2.* is NaN/ },
  {
    name: 'below.safetensors',
    bytes: spoilt('moment2.head.weight', -1),
    says: /"moment2.head.weight" is -1 at element 1; it must be from 0 up/,
  },
  {
    name: 'rule.safetensors',
    bytes: of({ ...SMALL, model: { ...SMALL.model, H: 3 } }),
    says: /D = 16 is not a multiple of H = 3/,
  },
  {
    name: 'own.safetensors',
    bytes: of({ ...SMALL, data: { ...SMALL.data, mix: { own: 1 } } }),
    says: /a text of its own, which has to be given/,
  },
  {
    name: 'hash.safetensors',
    bytes: of({ ...SMALL, data: { ...SMALL.data, hash: 'a'.repeat(64) } }),
    says: /another text: it names the SHA-256 a+/,
  },
];

export const OTHERS: readonly Offer[] = [
  { name: 'loss.csv', bytes: text('step,loss\n1,2\n'), says: /was not opened: .*Add CSV/ },
  { name: 'picture.png', bytes: text('PNG'), says: /was not opened: .*\.safetensors/ },
  { name: 'README', bytes: text('#'), says: /was not opened/ },
];

/** Files that hold no text to train on. */
export const OWN_TEXTS: readonly Offer[] = [
  { name: 'empty.txt', bytes: text(''), says: /^empty\.txt is empty: there is nothing to train/ },
  {
    name: 'blank.txt',
    bytes: text('\ufeff \r\n\f'),
    says: /^blank\.txt is empty: there is nothing/,
  },
  {
    name: 'latin.txt',
    bytes: Uint8Array.of(0x69, 0x74, 0x92, 0x73),
    says: /^latin\.txt is not text in UTF-8: byte 3 is 0x92$/,
  },
  {
    name: 'picture.txt',
    bytes: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a),
    says: /^picture\.txt is not text in UTF-8: byte 1 is 0x89$/,
  },
  {
    name: 'utf16.txt',
    bytes: Uint8Array.of(0xff, 0xfe, 0x61, 0x00),
    says: /^utf16\.txt is not text in UTF-8: byte 1 is 0xFF$/,
  },
  {
    name: 'cut.txt',
    bytes: text('漢字').subarray(0, -1),
    says: /^cut\.txt is not text in UTF-8: byte 4 is 0xE5$/,
  },
  {
    name: 'large.txt',
    bytes: new Uint8Array(50_000_001).fill(0x61),
    says: /^large\.txt has 50,000,001 bytes; at most 50,000,000 bytes \(50 MB\) are taken$/,
  },
];

/** Texts that are pasted where one to train on is asked for. */
export const PASTES = ['', ' \n\t '] as const;

/** Files of curves that cannot be read. */
export const CURVES: readonly Offer[] = [
  { name: 'empty.csv', bytes: text(''), says: /line 1: it is empty; it needs step, and loss/ },
  {
    name: 'accuracy.csv',
    bytes: text('step,accuracy\n1,2\n'),
    says: /line 1: its columns are step, accuracy; it needs step, and train, loss/,
  },
  { name: 'stepless.csv', bytes: text('loss\n1\n'), says: /its columns are loss; it needs step/ },
  { name: 'header.csv', bytes: text('step,loss\n'), says: /it has a header but no lines/ },
  { name: 'gaps.csv', bytes: text('step,loss\n1,\n2,\n'), says: /its columns hold no values/ },
  {
    name: 'word.csv',
    bytes: text('step,loss\n1,2\n2,high\n'),
    says: /line 3: loss 'high' is not a/,
  },
  {
    name: 'half.csv',
    bytes: text('step,loss\n1.5,2\n'),
    says: /line 2: step '1\.5' is not a whole number from 0 to 1000000000000/,
  },
  {
    name: 'quote.csv',
    bytes: text('step,loss\n1,2\n"2,3'),
    says: /line 3: a quoted cell does not/,
  },
  {
    name: 'wide.csv',
    bytes: text('step,loss\n1,2,3\n'),
    says: /line 2: it has 3 cells; the header has 2/,
  },
  {
    name: 'twins.csv',
    bytes: text('step,loss,loss\n1,2,3\n'),
    says: /two columns are called loss/,
  },
  {
    name: 'tokens.csv',
    bytes: text('step,tokens,loss\n1,500,2\n2,400,2\n'),
    says: /line 3: tokens 400 do not fit 500 on the line before it/,
  },
  {
    name: 'latin.csv',
    bytes: Uint8Array.of(0x73, 0x92),
    says: /line 1: it holds bytes that are no UTF-8/,
  },
  { name: 'zero.csv', bytes: text('s\0t\0'), says: /line 1: it holds a zero character; UTF-16 is/ },
  {
    name: 'large.csv',
    bytes: new Uint8Array(32_000_001).fill(0x31),
    says: /it has 32,000,001 bytes; at most 32,000,000 are read/,
  },
];

/** A packed link with a letter of another case, which unpacks to another experiment. */
function changedLink(): string {
  const events = Array.from({ length: 60 }, (_, i) => [i + 1, { 'optimizer.lr': (i + 1) / 1000 }]);
  const link = encodeLink(applyChange(SMALL, { events }));
  for (let i = link.indexOf('z=') + 2; i < link.length; i++) {
    const letter = link[i] ?? '';
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    const changed = link.slice(0, i) + other + link.slice(i + 1);
    const { problems } = decodeLink(changed);
    if (problems.length === 1 && problems[0]?.path === 'link') return changed;
  }
  throw new Error('no letter of the link leads to another experiment');
}

/** Links that are refused at once. */
export const LINKS: readonly (readonly [fragment: string, says: RegExp])[] = [
  ['v=9&D=64', /The link .*version 9 cannot be read/],
  ['v=1&z=!!!!', /The link .*"!" is no sign of a packed link/],
  ['v=1&z=AAAA', /The link .*cut short/],
  ['hello', /The link .*"hello" in the link has no value/],
  ['v=1&D=banana', /The link .*"banana" is not allowed/],
  ['v=1&x=9999x128', /The link .*"9999x128" is not allowed; it must be 1 to 64 slots/],
];

/** Links of which something can be taken: all that is wrong is told, and the run may stay. */
export const PARTIAL: readonly (readonly [fragment: string, says: readonly RegExp[]])[] = [
  ['v=1&D=32&lr=-1&K=1000', [/-1 is not allowed; .*from/, /1000 is not allowed.*64/]],
  ['v=1&L=2&e=9:K=1;4:K=2', [/event 2 at step 4 stands after one at step 9/]],
  ['v=1&D=33', [/D = 33 is not a multiple of H = 4/]],
  ['v=1&n=20&wu=30&', [/warm-up W = 30 is longer/, /cut short/]],
  [changedLink(), [/packed link was changed on its way/]],
];
