import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { SCALAR_COUNT, scalarColumn } from '../../src/config/telemetry.ts';
import type { Batch, PreparedText } from '../../src/data/types.ts';
import type { DeviceFault, TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import type { SessionDeps } from '../../src/train/session/openRun.ts';
import { createSession, type SessionOptions } from '../../src/train/session/session.ts';
import { FakeEngine } from './fakeEngine.ts';

const LETTERS = 'abcdefgh';

/** A model of two layers with four experts each; every interval is off. */
export const TINY: Experiment = {
  ...DEFAULTS_V1,
  model: { ...DEFAULTS_V1.model, D: 8, L: 2, H: 2, Hkv: 2, denseHidden: 8 },
  experts: {
    slots: Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 4 })),
    sharedHidden: 0,
  },
  optimizer: { ...DEFAULTS_V1.optimizer, warmup: 5, totalSteps: 60 },
  batch: { B: 2, S: 4 },
  tokenizer: { kind: 'chars', size: 512 },
  evaluation: { ...DEFAULTS_V1.evaluation, every: 0, sampleEvery: 0, sampleTokens: 6 },
};

function batchOf(seed: number, at: number, { B, S }: Experiment['batch']): Batch {
  const token = (t: number) => hashChain(seed, at, t) % LETTERS.length;
  const T = B * S;
  return {
    tokens: Uint32Array.from({ length: T }, (_, t) => token(t)),
    targets: Uint32Array.from({ length: T }, (_, t) => token(t + 1)),
    domains: Uint8Array.from({ length: T }, (_, t) => Math.floor(t / S) % 2),
  };
}

export function fakeText(experiment: Experiment, lastStep: number | null = null): PreparedText {
  const { seeds, batch } = experiment;
  return {
    tokenizer: {
      kind: 'chars',
      size: LETTERS.length,
      encode: (text) =>
        Uint32Array.from([...text].map((letter) => LETTERS.indexOf(letter)).filter((v) => v >= 0)),
      decode: (tokens) => Array.from(tokens, (token) => LETTERS[token]).join(''),
      label: (token) => LETTERS[token] ?? '',
    },
    domains: ['prose', 'code'],
    hash: 'f'.repeat(64),
    characters: 1000,
    trainingTokens: 900,
    validationTokens: 100,
    lastStep,
    unigramEntropy: 2,
    charactersPerToken: 1,
    trainingBatch: (step) => batchOf(seeds.data, step, batch),
    epochsAt: () => ({ prose: 1, code: 1 }),
    validationBatch: (i) => batchOf(0xabc, i, batch),
  };
}

/** A device whose engines can be lost. */
export class FakeDevice implements TrainingDevice {
  readonly adapter = {
    description: 'fake',
    isSoftware: true,
    maxBufferBytes: 2 ** 28,
    maxBindingBytes: 2 ** 27,
  };
  readonly engines: FakeEngine[] = [];
  readonly fault: Promise<DeviceFault>;
  readonly #ringSteps: number;
  #resolve: (fault: DeviceFault) => void = () => {};

  constructor(ringSteps = 64) {
    this.#ringSteps = ringSteps;
    this.fault = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  createEngine: TrainingDevice['createEngine'] = async (config, options) => {
    options.onProgress?.('kernels', 1, 1);
    const engine = new FakeEngine(config, options, this.#ringSteps);
    this.engines.push(engine);
    return engine;
  };

  compileAhead = async () => undefined;

  measure: TrainingDevice['measure'] = async (signal) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    signal.throwIfAborted();
    return { gflopsPerSec: 10, gbytesPerSec: 20, dispatchSeconds: 1e-5 };
  };

  lose(kind: DeviceFault['kind'] = 'lost'): void {
    for (const engine of this.engines) engine.isDead = true;
    this.#resolve({ kind, message: 'gone' });
  }

  destroy(): void {}
}

export interface Harness {
  deps: SessionDeps;
  devices: FakeDevice[];
  events: SessionEvent[];
}

export function harness(options: { ringSteps?: number; lastStep?: number } = {}): Harness {
  const devices: FakeDevice[] = [];
  const deps: SessionDeps = {
    async requestDevice() {
      const device = new FakeDevice(options.ringSteps);
      devices.push(device);
      return device;
    },
    async prepareText(experiment, _own, { onProgress }) {
      onProgress('data', 1, 1);
      return fakeText(experiment, options.lastStep ?? null);
    },
  };
  return { deps, devices, events: [] };
}

export async function open(
  experiment: Experiment,
  { deps, events }: Harness,
  options: Partial<SessionOptions> = {},
) {
  return createSession(deps, experiment, { emit: (event) => events.push(event), ...options });
}

/** Cross-entropy by step, from `steps` events; throws where a step is reported out of order. */
export function lossesOf(events: readonly SessionEvent[], first = 1): number[] {
  const losses: number[] = [];
  for (const event of events) {
    if (event.type !== 'steps') continue;
    const { firstStep, n, scalars } = event.records;
    const expected = first + losses.length;
    if (firstStep !== expected) throw new Error(`step ${firstStep} reported, expected ${expected}`);
    for (let i = 0; i < n; i++) losses.push(scalars[i * SCALAR_COUNT + scalarColumn('ce')]!);
  }
  return losses;
}

export function eventsOf<T extends SessionEvent['type']>(events: readonly SessionEvent[], type: T) {
  return events.filter((event): event is Extract<SessionEvent, { type: T }> => event.type === type);
}

/** Losses of steps 1 … n of an experiment in a session of its own. */
export async function lossesOfRun(experiment: Experiment, n: number): Promise<number[]> {
  const one = harness();
  const session = await open(experiment, one);
  await session.runTo(n);
  await session.dispose();
  return lossesOf(one.events);
}
