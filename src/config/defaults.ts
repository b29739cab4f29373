import type { Change, Experiment } from './experiment.ts';

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}

/**
 * Defaults of version 1: a map that may grow and never change. Links hold only what differs from
 * them, so editing a number here would change what published links mean (a test pins every entry). A
 * setting that is added gets a default that means what was before it, and needs no new version.
 */
export const DEFAULTS_V1: Experiment = deepFreeze<Experiment>({
  version: 1,
  model: {
    V: null,
    D: 64,
    L: 3,
    H: 4,
    Hkv: 4,
    positions: 'rope',
    ropeBase: 10000,
    keyNorm: false,
    normEps: 1e-5,
    tied: false,
    denseHidden: 256,
    arrangement: 'full',
  },
  router: {
    selection: 'topk',
    K: 2,
    P: null,
    q: null,
    policy: null,
    gate: 'renormalized',
    bias: false,
    noise: false,
    gatingResidual: false,
    capacity: null,
    tau: 1,
    score: 'softmax',
    routeScale: 1,
    biasRule: null,
    hashSeed: 0,
    hashLayers: null,
    frozen: false,
    pool: null,
  },
  experts: {
    slots: [
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
      { kind: 'ffn', hidden: 128 },
    ],
    sharedHidden: 0,
  },
  losses: { switch: { alpha: 0.01 } },
  optimizer: {
    lr: 3e-3,
    minLr: 3e-4,
    warmup: 50,
    totalSteps: 2000,
    beta1: 0.9,
    beta2: 0.95,
    eps: 1e-8,
    weightDecay: 0.1,
    clip: 1,
  },
  batch: { B: 16, S: 64 },
  initStd: 0.02,
  data: {
    mix: { prose: 1, speeches: 1, code: 1, arithmetic: 1, languages: 1 },
    uniqueTokens: null,
    epochs: null,
    validationShare: 0.1,
    hash: null,
  },
  tokenizer: { kind: 'bytes', size: 512 },
  seeds: { init: 1, data: 1, drop: 1 },
  evaluation: {
    every: 50,
    batches: 4,
    capacity: false,
    sampleEvery: 100,
    sampleTokens: 64,
    temperature: 0.8,
  },
  events: [],
});

/** Version that new experiments and links have. */
export const CURRENT_VERSION = 1;

/** Frozen defaults by version. */
export const DEFAULTS: Readonly<Record<number, Experiment>> = { 1: DEFAULTS_V1 };

/**
 * What a person with a software adapter is offered. Defaults never depend on the adapter: taking
 * the offer writes these values into the experiment.
 */
export const TINY_SIZE: Change = deepFreeze<Change>({
  'model.D': 32,
  'model.L': 2,
  'model.denseHidden': 128,
  'experts.slots': Array.from({ length: 8 }, () => ({ kind: 'ffn', hidden: 64 })),
  'batch.B': 8,
  'batch.S': 32,
});
