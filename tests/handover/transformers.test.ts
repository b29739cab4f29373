import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change, EngineConfig, Experiment } from '../../src/config/experiment.ts';
import { normalDraws } from '../../src/config/hash.ts';
import { elementCount, parameterShapes } from '../../src/config/parameterShapes.ts';
import { PRESETS } from '../../src/config/presets.ts';
import { SEPARATOR } from '../../src/data/corpora.ts';
import { createBpeTokenizer } from '../../src/data/tokenizers/bpe.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';
import { createCharsTokenizer } from '../../src/data/tokenizers/chars.ts';
import type { Tokenizer } from '../../src/data/types.ts';
import { trainReference } from '../../src/golden/referenceSubject.ts';
import { CLASS_IDS, type ClassId } from '../../src/handover/options.ts';
import type { HandoverFiles } from '../../src/handover/settings.ts';
import { CLASSES } from '../../src/handover/transformers/classes.ts';
import { NotExpressible, transformersFolder } from '../../src/handover/transformers/folder.ts';
import { tokenizerFile } from '../../src/handover/transformers/tokenizer.ts';
import type { TensorMap } from '../../src/train/engine/engine.ts';
import { loadGolden } from '../golden/goldens.ts';
import { classLogits } from './classForward.ts';
import { PYTHON, runPython } from './torch.ts';

interface Case {
  config: EngineConfig;
  parameters: TensorMap;
  tokens: Uint32Array;
  /** [T, V], and how far off they may be. */
  logits: Float32Array;
  tolerance: { abs: number; rel: number };
}

function golden(name: string): Case {
  const found = loadGolden(name);
  if (found.kind !== 'train') throw new Error(`${name} is of kind ${found.kind}`);
  const { config, parameters, batches, expected, tolerance } = found;
  const logits = expected.tensors.get('out.logits')?.data as Float32Array;
  return {
    config,
    parameters: new Map(parameters),
    tokens: batches[0]!.tokens,
    logits,
    tolerance: tolerance.out,
  };
}

/** A golden case with other settings: weights drawn anew, logits from the float64 reference. */
function extended(name: string, change: (config: EngineConfig) => EngineConfig): Case {
  const found = loadGolden(name);
  if (found.kind !== 'train') throw new Error(`${name} is of kind ${found.kind}`);
  const config = change(found.config);
  const parameters: TensorMap = new Map(
    parameterShapes(config).map(({ name: of, shape, start }) => {
      const draws = normalDraws(7, of, elementCount(shape), start.kind === 'state' ? 0.1 : 0.3);
      return [of, { shape, data: start.kind === 'one' ? draws.map((x) => 1 + x) : draws }];
    }),
  );
  const batches = found.batches.slice(0, 1);
  const { tensors } = trainReference({ config, parameters, batches }, 'float64');
  const { data } = tensors.get('out.logits')!;
  const tolerance = { abs: 1e-6, rel: 1e-6 };
  return {
    config,
    parameters,
    tokens: batches[0]!.tokens,
    logits: Float32Array.from(data),
    tolerance,
  };
}

const model = (config: EngineConfig, part: Partial<EngineConfig['model']>): EngineConfig => ({
  ...config,
  model: { ...config.model, ...part },
});

/** Every golden case that a class can express, and what these leave out: groups of queries, ties, shared experts, dense layers. */
const CASES: readonly [as: ClassId, what: string, of: () => Case][] = [
  ['llama', 'dense', () => golden('dense')],
  [
    'llama',
    'grouped queries, tied, another base',
    () => extended('dense', (config) => model(config, { Hkv: 2, tied: true, ropeBase: 500 })),
  ],
  ['mixtral', 'moe-top2-renormalized', () => golden('moe-top2-renormalized')],
  [
    'mixtral',
    'grouped queries and another eps',
    () => extended('moe-top2-renormalized', (config) => model(config, { Hkv: 2, normEps: 1e-3 })),
  ],
  ['qwen2-moe', 'moe-top2-softmax-gate', () => golden('moe-top2-softmax-gate')],
  ['qwen2-moe', 'moe-top2-renormalized', () => golden('moe-top2-renormalized')],
  ['qwen2-moe', 'bal-zloss', () => golden('bal-zloss')],
  [
    'qwen2-moe',
    'a dense layer, a shared expert, tied',
    () =>
      extended('moe-top2-softmax-gate', (config) => ({
        ...model(config, { Hkv: 2, tied: true, arrangement: 'interleave' }),
        experts: { ...config.experts, sharedHidden: 10 },
      })),
  ],
  ['glm4-moe', 'bal-sigmoid-sign', () => golden('bal-sigmoid-sign')],
  [
    'glm4-moe',
    'raw scores and a bias, no shared expert',
    () =>
      extended('bal-sigmoid-raw-centred', (config) => ({
        ...config,
        experts: { ...config.experts, sharedHidden: 0 },
      })),
  ],
  [
    'glm4-moe',
    'a dense layer first, a shared expert of two widths, no bias',
    () =>
      extended('bal-sigmoid-sign', (config) => ({
        ...model(config, { arrangement: '1dense' }),
        router: { ...config.router, biasRule: null },
        losses: {},
        experts: {
          ...config.experts,
          sharedHidden: 2 * (config.experts.slots[0] as { hidden: number }).hidden,
        },
      })),
  ],
];

/** What a tokenizer has to be for a model of V entries. */
const letters = (V: number): Tokenizer =>
  createCharsTokenizer([String.fromCodePoint(...Array.from({ length: V }, (_, i) => 0x4e00 + i))]);

function folderOf({ config, parameters }: Case, as: ClassId): HandoverFiles {
  const { seed: drop, ...blocks } = config;
  const experiment: Experiment = {
    ...DEFAULTS_V1,
    ...blocks,
    seeds: { ...DEFAULTS_V1.seeds, drop },
  };
  const none: TensorMap = new Map();
  const state = { step: 5, parameters, firstMoments: none, secondMoments: none };
  return transformersFolder({ experiment, state }, letters(config.model.V), CLASSES[as]);
}

function far(got: ArrayLike<number>, { logits, tolerance }: Case): number {
  const largest = Math.max(...logits.map(Math.abs));
  const error = Math.max(...logits.map((want, i) => Math.abs(got[i]! - want)));
  return error / (tolerance.abs + tolerance.rel * largest);
}

describe('a folder for transformers', () => {
  it.each(CASES)('as %s computes the logits of %s', (as, _, of) => {
    const one = of();
    const files = folderOf(one, as);
    const { logits, unused } = classLogits(files, [...one.tokens], one.config.batch.S);
    expect(logits).toHaveLength(one.logits.length);
    expect(far(logits, one)).toBeLessThanOrEqual(1);
    expect(unused).toEqual([]);
  });

  it('names every setting that stands in the way, with its value and what is needed', () => {
    const { config, parameters } = golden('moepp');
    const one = { ...golden('moepp'), config: model(config, { positions: 'alibi' }), parameters };
    const reasons = (as: ClassId) => {
      try {
        folderOf(one, as);
      } catch (error) {
        if (error instanceof NotExpressible) return error.reasons;
        throw error;
      }
      return [];
    };
    const found = reasons('mixtral');
    expect(found.map((reason) => reason.split(' ')[0])).toEqual([
      'model.positions',
      'router.gatingResidual',
      'experts.slots',
      'router.gate',
    ]);
    expect(found[0]).toBe('model.positions is "alibi"; MixtralForCausalLM needs "rope"');
    expect(found[2]).toMatch(/^experts\.slots is .*× zero.*; MixtralForCausalLM needs the same/);
    expect(reasons('llama')).toHaveLength(2);
  });

  it('is there for presets of the lab', () => {
    const fits = (id: string) =>
      CLASS_IDS.filter((as) => {
        const { experiment } = PRESETS.find((preset) => preset.id === id)!;
        const subject = { settings: experiment, config: { ...experiment, seed: 1 } as never };
        return CLASSES[as].needs.every((need) => need.holds(subject));
      });
    expect(fits('bal-deepseek-v3')).toEqual(['glm4-moe']);
    expect(fits('bal-torchtitan')).toEqual(['glm4-moe']);
    expect(fits('bal-olmoe')).toEqual(['qwen2-moe']);
    expect(fits('bal-qwen3')).toEqual(['mixtral', 'qwen2-moe']);
    expect(fits('moepp-plain-8')).toEqual(['qwen2-moe']);
    expect(fits('moepp-8+4')).toEqual([]);
    expect(fits('tcmoe')).toEqual([]);
  });

  const changed = (change: Change) => {
    const { config, parameters, ...rest } = golden('moe-top2-renormalized');
    const next = applyChange({ ...DEFAULTS_V1, ...config }, change);
    return { ...rest, parameters, config: { ...config, router: next.router } };
  };

  it('says what acts on training alone and stays behind', () => {
    const files = folderOf(changed({ 'router.capacity': 1.25 }), 'mixtral');
    const text = new TextDecoder().decode(files.get('README.md'));
    expect(text).toContain('router.capacity (1.25), in training');
    expect([...files.keys()]).toContain('tokenizer.json');
  });
});

/** "aXb" of pairs that meet, across form feed and NUL, and in characters of several bytes. */
const TEXT = 'banana bandana\fnaan ban\0anan 🍌 ñandú\n\ta b';
const merges = [
  [97, 110],
  [256, 256],
  [98, 257],
  [256, 97],
] as const;
const TOKENIZERS = {
  bytes: bytesTokenizer,
  bpe: createBpeTokenizer(merges),
  chars: createCharsTokenizer([TEXT]),
};

it('divides texts where the run’s own tokenizer does', () => {
  const { json } = tokenizerFile(TOKENIZERS.bpe);
  expect(json).toMatchObject({
    pre_tokenizer: { pretokenizers: [{ type: 'Split', pattern: { String: SEPARATOR } }, {}] },
  });
});

it('has no tokenizer where two entries are the same bytes', () => {
  const twice = createBpeTokenizer([
    [97, 98],
    [98, 99],
    [256, 99],
    [97, 257],
  ]);
  expect(tokenizerFile(twice)).toMatchObject({ json: null, why: expect.stringContaining('“abc”') });
});

const folder = mkdtempSync(join(tmpdir(), 'transformers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether that Python has transformers too, 4.57 or newer. */
const HAS_TRANSFORMERS =
  PYTHON !== null && spawnSync(PYTHON, ['-c', 'import transformers']).status === 0;

/** The classes themselves, and the library's tokenizers, on the same folders. */
it.skipIf(!HAS_TRANSFORMERS)(
  'transformers itself computes these logits, and the ids of texts',
  async () => {
    const cases = CASES.map(([as, , of]) => ({ as, one: of() }));
    for (const [i, { as, one }] of cases.entries()) {
      mkdirSync(join(folder, `${i}`));
      for (const [name, bytes] of folderOf(one, as))
        writeFileSync(join(folder, `${i}`, name), bytes);
      const { S } = one.config.batch;
      writeFileSync(
        join(folder, `${i}`, 'ask.json'),
        JSON.stringify({ tokens: [...one.tokens], S }),
      );
    }
    for (const [name, tokenizer] of Object.entries(TOKENIZERS))
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(tokenizerFile(tokenizer).json));
    writeFileSync(join(folder, 'text.json'), JSON.stringify(TEXT));
    const args = ['tests/handover/classLogits.py', folder];
    const { code, out } = await runPython(args, { cwd: '.' });
    expect(code, out).toBe(0);
    const told = JSON.parse(out.trim().split('\n').at(-1) ?? '');
    for (const [i, { as, one }] of cases.entries()) {
      expect(told.models[i].missing, as).toEqual([]);
      expect(far(told.models[i].logits, one), `${as} ${i}`).toBeLessThanOrEqual(2);
    }
    for (const [name, tokenizer] of Object.entries(TOKENIZERS))
      expect(told.texts[name], name).toEqual({ ids: [...tokenizer.encode(TEXT)], text: TEXT });
  },
  120_000,
);
