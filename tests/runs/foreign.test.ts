import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Change, Experiment, JsonValue } from '../../src/config/experiment.ts';
import { parameterShapes } from '../../src/config/parameterShapes.ts';
import { getPath } from '../../src/config/paths.ts';
import { PRESETS } from '../../src/config/presets.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { askedOf, completed, headsOf, tokenizersFor } from '../../src/runs/foreign/answers.ts';
import { asCheckpoint, readForeign } from '../../src/runs/foreign/foreign.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { harness, lossesOf, lossesOfRun, open, TINY } from '../train/support.ts';

/** Parameters of a model at its start, as another program would write them. */
function bare(experiment: Experiment, change: (tensors: SafeTensors) => void = () => {}) {
  const config = engineConfig({ ...experiment, model: { ...experiment.model, V: 300 } }, 8);
  const state = initialState(config, experiment.initStd, experiment.seeds.init);
  const { tensors } = readSafetensors(encodeCheckpoint({ experiment, state }));
  const own = new Map([...tensors].filter(([name]) => !name.startsWith('moment')));
  change(own);
  return writeSafetensors(own, { format: 'pt' });
}

const foreignOf = (bytes: Uint8Array) => readForeign(bytes)!;

/** The defaults with the asked settings of an experiment, and nothing else of it. */
function answers(experiment: Experiment, asked: readonly string[]): Experiment {
  const paths = asked.flatMap((path) =>
    path === 'experts.slots' ? [path, 'experts.perLayer'] : [path],
  );
  const change: Change = Object.fromEntries(
    [...paths, 'router.P', 'router.q', 'router.policy', 'router.tau'].map((path) => [
      path,
      (getPath(experiment, path) ?? null) as JsonValue,
    ]),
  );
  return applyChange(DEFAULTS_V1, { ...change, 'tokenizer.kind': 'bytes' });
}

describe('shapes', () => {
  it.each(PRESETS.map((preset) => [preset.id, preset] as const))(
    'tell the model of %s, and the asked settings the rest',
    (_, { experiment }) => {
      const small = applyChange(experiment, { 'model.D': 16, 'model.H': 4, 'model.Hkv': 2 });
      const foreign = foreignOf(bare(small));
      const found = completed(foreign, answers(small, askedOf(foreign)));
      expect(found.model).toEqual({
        ...small.model,
        V: 300,
        // What only a dense layer uses, and what no shape depends on.
        denseHidden: found.model.denseHidden,
        normEps: DEFAULTS_V1.model.normEps,
        ropeBase: DEFAULTS_V1.model.ropeBase,
      });
      const before = engineConfig({ ...small, model: { ...small.model, V: 300 } }, 8);
      const names = (config: typeof before) =>
        parameterShapes(config).map(({ name, shape }) => [name, shape]);
      expect(names(engineConfig(found, 8))).toEqual(names(before));
    },
  );

  it('tell arrangements, tied heads, shared experts, key norms and layers that differ', () => {
    const moe = (change: Change) => applyChange(TINY, change);
    const of = (experiment: Experiment) => foreignOf(bare(experiment)).known;
    expect(of(TINY)).toMatchObject({
      'model.V': 300,
      'model.D': 8,
      'model.L': 2,
      'model.arrangement': 'full',
      'model.tied': false,
      'experts.slots': TINY.experts.slots,
      'experts.perLayer': null,
      'experts.sharedHidden': 0,
      'router.bias': false,
    });
    expect(of(moe({ 'model.arrangement': 'dense', 'model.denseHidden': 24 }))).toMatchObject({
      'model.arrangement': 'dense',
      'model.denseHidden': 24,
    });
    expect(of(moe({ 'model.L': 4, 'model.arrangement': [0, 3] }))).toMatchObject({
      'model.arrangement': [0, 3],
    });
    expect(of(moe({ 'model.L': 4, 'model.arrangement': 'interleave' }))).toMatchObject({
      'model.arrangement': 'interleave',
    });
    expect(
      of(
        moe({
          'model.tied': true,
          'experts.sharedHidden': 12,
          'router.bias': true,
          'router.noise': true,
          'router.gatingResidual': true,
          'experts.perLayer': { '1': [{ kind: 'ffn', hidden: 6 }] },
        }),
      ),
    ).toMatchObject({
      'model.tied': true,
      'experts.sharedHidden': 12,
      'router.bias': true,
      'router.noise': true,
      'router.gatingResidual': true,
      'experts.perLayer': { '1': [{ kind: 'ffn', hidden: 6 }] },
    });
  });

  it('tell the heads only where keys are normalised; else which numbers are possible', () => {
    const change = { 'model.D': 24, 'model.H': 6, 'model.Hkv': 2 };
    const plain = foreignOf(bare(applyChange(TINY, change)));
    expect(askedOf(plain)).toContain('model.H');
    expect(headsOf(plain)).toEqual([3, 6, 12, 24]);
    const found = completed(plain, applyChange(TINY, { 'model.H': 6, 'tokenizer.kind': 'bytes' }));
    expect(found.model).toMatchObject({ H: 6, Hkv: 2 });
    expect(() => completed(plain, applyChange(TINY, { 'model.H': 4 }))).toThrow(
      'H = 4 heads do not fit D = 24 and keys of 8; those that do: 3, 6, 12, 24',
    );
    const normed = foreignOf(bare(applyChange(TINY, { ...change, 'model.keyNorm': true })));
    expect(askedOf(normed)).not.toContain('model.H');
    expect(completed(normed, TINY).model).toMatchObject({ H: 6, Hkv: 2, keyNorm: true });
  });

  it('leave slots that are no FFN experts to be asked', () => {
    const slots = [
      { kind: 'zero' },
      { kind: 'ffn', hidden: 4 },
      { kind: 'constant' },
      { kind: 'negated', of: 0 },
    ] as const;
    const experiment = applyChange(TINY, { 'experts.slots': slots as never });
    const foreign = foreignOf(bare(experiment));
    expect(askedOf(foreign)).toContain('experts.slots');
    expect(foreign.otherSlots).toEqual({ count: 3, constants: 1, layer: 0 });
    const { experiment: found } = decodeCheckpoint(
      asCheckpoint(foreign, answers(experiment, askedOf(foreign))),
    );
    expect(found.experts.slots).toEqual(slots);
    expect(() => completed(foreign, answers(TINY, askedOf(foreign)))).toThrow(
      'layer 0 has 4 slots, among them FFN experts of the widths 4 and 1 constant expert; the expert space given has 4 slots, the widths 4, 4, 4, 4 and 0 constant experts',
    );
  });
});

it('goes on as a model of these parameters would: moments and step are 0', async () => {
  const text = { ...TINY, tokenizer: { ...TINY.tokenizer, kind: 'chars' } as const };
  const foreign = foreignOf(
    writeSafetensors(
      new Map(
        [
          ...readSafetensors(
            encodeCheckpoint({
              experiment: text,
              state: initialState(engineConfig(text, 8), text.initStd, text.seeds.init),
            }),
          ).tensors,
        ].filter(([name]) => !name.startsWith('moment')),
      ),
    ),
  );
  const { experiment, state } = decodeCheckpoint(asCheckpoint(foreign, text));
  const one = harness();
  const session = await open(experiment, one, { state });
  await session.runTo(15);
  expect(lossesOf(one.events)).toEqual(await lossesOfRun(text, 15));
});

it('takes moments that are there, each for itself', () => {
  const one = { dtype: 'F32', shape: [300, 8], data: new Float32Array(2400).fill(0.5) } as const;
  const foreign = foreignOf(bare(TINY, (tensors) => void tensors.set('moment1.head.weight', one)));
  const rest = applyChange(TINY, { 'tokenizer.kind': 'bytes' });
  const { state } = decodeCheckpoint(asCheckpoint(foreign, rest));
  expect(state.step).toBe(0);
  expect(state.firstMoments.get('head.weight')!.data).toEqual(one.data);
  expect(state.firstMoments.get('embed.weight')!.data).toEqual(new Float32Array(2400));
  expect(state.secondMoments.get('head.weight')!.data).toEqual(new Float32Array(2400));
});

it('leaves checkpoints of this lab, and what is none at all, to their own reader', () => {
  const state = initialState(engineConfig(TINY, 8), 0.02, 1);
  expect(readForeign(encodeCheckpoint({ experiment: TINY, state }))).toBeNull();
  expect(readForeign(bare(TINY, (tensors) => void tensors.delete('embed.weight')))).toBeNull();
  expect(readForeign(new Uint8Array(40))).toBeNull();
});

describe('a vocabulary', () => {
  it('is read by the tokenizers whose entries it could be', () => {
    expect(tokenizersFor(80)).toEqual(['chars']);
    expect(tokenizersFor(256)).toEqual(['bytes', 'chars']);
    expect(tokenizersFor(1000)).toEqual(['bpe', 'bytes', 'chars']);
  });

  it('that none here reads is refused with the reason, unless the text may have as many characters', () => {
    const large = bare(TINY, (tensors) => {
      for (const name of ['embed.weight', 'head.weight'])
        tensors.set(name, { dtype: 'F32', shape: [5000, 8], data: new Float32Array(40_000) });
    });
    const foreign = foreignOf(large);
    const reason =
      'no tokenizer here reads its 5,000 entries: bytes have 256, byte pairs at most 4,096, and characters as many as the text has';
    expect(() => tokenizersFor(foreign.V)).toThrow(reason);
    expect(() => completed(foreign, applyChange(TINY, { 'tokenizer.kind': 'bpe' }))).toThrow(
      reason,
    );
    expect(completed(foreign, TINY).model.V).toBe(5000);
    const small = foreignOf(
      bare(TINY, (tensors) => {
        for (const name of ['embed.weight', 'head.weight'])
          tensors.set(name, { dtype: 'F32', shape: [90, 8], data: new Float32Array(720) });
      }),
    );
    expect(() => completed(small, applyChange(TINY, { 'tokenizer.kind': 'bytes' }))).toThrow(
      'vocabulary V = 90 is smaller than the 256 entries of the tokenizer',
    );
  });
});

describe('tensors of which no model here consists', () => {
  type Edit = (tensors: SafeTensors) => void;
  const f32 = (...shape: number[]) =>
    ({ dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }) as const;
  const set =
    (name: string, tensor: ReturnType<typeof f32>): Edit =>
    (tensors) =>
      void tensors.set(name, tensor);
  const drop =
    (name: string): Edit =>
    (tensors) =>
      void tensors.delete(name);

  it.each<[string, Edit, RegExp]>([
    [
      'names of another kind',
      set('model.embed_tokens.weight', f32(2)),
      /has no tensor "model.embed_tokens.weight"/,
    ],
    ['an embedding of one axis', set('embed.weight', f32(300)), /has shape \[300\]; two axes/],
    [
      'layers with other keys',
      set('layers.1.attn.k.weight', f32(4, 8)),
      /layers 0 and 1 have different numbers of key rows \(8 and 4\)/,
    ],
    [
      'more experts than slots',
      set('layers.0.moe.router.weight', f32(3, 8)),
      /layer 0 has 4 FFN experts and 0 constant ones, its router 3 slots/,
    ],
    [
      'a bias in one of its routers',
      set('layers.1.moe.router.bias', f32(4)),
      /different routers: some with a bias, some without/,
    ],
    [
      'no layer',
      (tensors) => {
        for (const name of tensors.keys()) if (name.startsWith('layers')) tensors.delete(name);
      },
      /"layers.0.attn.q.weight" is missing/,
    ],
    [
      'whole numbers',
      (tensors) =>
        void tensors.set('head.weight', { dtype: 'I32', shape: [1], data: new Int32Array(1) }),
      /"head.weight" has dtype I32; weights must be F32/,
    ],
  ])('are refused: %s', (_, change, message) => {
    expect(() => readForeign(bare(TINY, change))).toThrow(message);
  });

  it.each<[string, Edit, RegExp]>([
    [
      'a norm is missing',
      drop('layers.1.attn_norm.weight'),
      /"layers.1.attn_norm.weight" is missing/,
    ],
    [
      'an expert is transposed',
      set('layers.1.moe.experts.3.down.weight', f32(4, 8)),
      /has shape \[4,8\], the model needs \[8,4\]/,
    ],
    [
      'a weight is no number',
      (tensors) => void tensors.get('head.weight')!.data.fill(Number.NaN, 5),
      /"head.weight" is NaN at element 5/,
    ],
  ])('are refused when they are opened: %s', (_, change, message) => {
    const foreign = foreignOf(bare(TINY, change));
    const rest = applyChange(TINY, { 'tokenizer.kind': 'bytes' });
    expect(() => asCheckpoint(foreign, rest)).toThrow(message);
  });

  it('are refused with a reason whatever their names and shapes are', () => {
    const names = fc.constantFrom(
      ...['embed.weight', 'layers.0.attn.q.weight', 'layers.0.attn.k.weight', 'head.weight'],
      ...['layers.0.moe.router.weight', 'layers.0.moe.experts.0.gate.weight', '__proto__'],
      ...['layers.0.attn.k_norm.weight', 'layers.99999.attn.q.weight', 'layers.1.ffn.gate.weight'],
    );
    const shapes = fc.array(fc.nat(6), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, shapes), { maxLength: 10 }), (drawn) => {
        const bytes = writeSafetensors(
          new Map([
            ['embed.weight', f32(4, 2)],
            ...drawn.map(([name, shape]) => [name, f32(...shape)] as const),
          ]),
        );
        try {
          asCheckpoint(foreignOf(bytes), TINY);
        } catch (error) {
          expect((error as Error).message.length).toBeGreaterThan(10);
          expect(['RangeError', 'ConfigInvalid']).toContain((error as Error).name);
        }
      }),
      { numRuns: 300 },
    );
  });
});
