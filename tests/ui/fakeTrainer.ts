import { figuresEvery } from '../../src/analysis/overTime.ts';
import { slotsSince } from '../../src/analysis/slotsSince.ts';
import {
  applyChange,
  engineConfig,
  experimentAtStep,
  recordEvent,
  sameValue,
} from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { surgeryOf } from '../../src/config/surgery.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { Library } from '../../src/runs/library.ts';
import type { TrainerClient } from '../../src/state/commands.ts';
import type {
  AdapterReport,
  OpenReport,
  QueueApi,
  Sample,
  TrainerEvent,
} from '../../src/worker/api.ts';
import { madeProbes } from '../support/reports.ts';
import { type FakeBeside, fakeBeside } from './fakeBeside.ts';
import { type FakeConversion, fakeConversion } from './fakeConversion.ts';
import { crossed, trainCe, VOCABULARY } from './fakeCurves.ts';
import { fakeFigures } from './fakeFigures.ts';
import { fakeAnswer } from './fakeInspect.ts';
import { fakeProfile } from './fakeProfile.ts';
import { createFakeQueue } from './fakeQueue.ts';
import { DOMAINS, normal, records } from './fakeRecords.ts';
import { fakeStored, storedModel } from './fakeStored.ts';
import { fakeTexts } from './fakeTexts.ts';

/** A trainer without a GPU: plausible numbers, exact loads (each layer's sum to K·T). */
export interface FakeTrainer extends TrainerClient, FakeBeside, FakeConversion {
  /** Every command with its argument, in order. */
  readonly calls: readonly (readonly [name: string, argument?: unknown])[];
  /** Takes n steps at once and reports them. */
  advance(n: number): void;
  emit(event: DistributiveOmit<TrainerEvent, 'runId'>): void;
  /** Makes the next call of a command reject. */
  failNext(command: string, name: string, message: string): void;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

export interface FakeOptions {
  adapter?: Partial<AdapterReport>;
  /** Real time between reports; 0: only `advance` moves it. */
  intervalMs?: number;
  stepsPerReport?: number;
  /** Stored runs; none when absent. */
  library?: Library;
  /** Recipes and sweeps; an empty queue when absent. */
  queue?: QueueApi;
}

const ENTROPY = 3.21;

export const FAKE_ADAPTER: AdapterReport = {
  description: 'NVIDIA ada-lovelace',
  isSoftware: false,
  maxBufferBytes: 2 ** 31,
  maxBindingBytes: 2 ** 31,
};

const TEXTS = [
  'he sea was the whale and the ship of the',
  'he people of the United States have been the same of the nation and',
  'const value = (node) => { return this.state.length; }\n  if (index',
  '12 + 45 = 57\n8 * 7 = 56\n91 - 33 = 58\n',
];

export function createFakeTrainer(options: FakeOptions = {}): FakeTrainer {
  const { intervalMs = 0, stepsPerReport = 3 } = options;
  const adapter = { ...FAKE_ADAPTER, ...options.adapter };
  const listeners = new Set<(event: TrainerEvent) => void>();
  const calls: [string, unknown?][] = [];
  const failures = new Map<string, Error>();
  let experiment: Experiment | null = null;
  let spaces: LayerSpace[] = [];
  /** First step of the slots that are counted. */
  let since = 1;
  let figures = fakeFigures();
  let step = 0;
  let runId = 0;
  let timer: ReturnType<typeof setInterval> | null = null;

  const emit: FakeTrainer['emit'] = (event) => {
    for (const listener of listeners) listener({ ...event, runId });
  };

  async function called(name: string, argument?: unknown): Promise<void> {
    calls.push([name, argument]);
    const failure = failures.get(name);
    failures.delete(name);
    if (failure !== undefined) throw failure;
  }

  function opened(): Experiment {
    if (experiment === null)
      throw Object.assign(new Error('no run is open'), { name: 'ConfigInvalid' });
    return experiment;
  }

  function sampleAt(prompt: string, temperature: number): Sample {
    const text = TEXTS[hashChain(1, step) % TEXTS.length]!;
    return { step, prompt, text, temperature };
  }

  function halt(): void {
    if (timer !== null) clearInterval(timer);
    timer = null;
  }

  /** Takes over the expert space in force at a step, and reports it behind a surgery, or where it is another. */
  function operate(at: number): void {
    const next = layerSpaces(experimentAtStep(opened(), at));
    const from = slotsSince(opened(), at);
    if (from === since && sameValue(next, spaces)) return;
    [spaces, since] = [next, from];
    const model = { parameters: 3_475_584, gpuBytes: 187_000_000, layers: next };
    emit({ type: 'model', step: at, model });
  }

  function advance(n: number): void {
    const now = opened();
    const total = now.optimizer.totalSteps;
    const taken = Math.min(n, total - step);
    if (taken > 0) {
      const first = step + 1;
      const cut = now.events.find(
        ([at, change]) => at > first && at < first + taken && surgeryOf(change) !== null,
      );
      if (cut !== undefined) {
        advance(cut[0] - first);
        advance(n - (cut[0] - first));
        return;
      }
      operate(first);
      step += taken;
      const stepsPerSec = intervalMs > 0 ? (stepsPerReport * 1000) / intervalMs : 30;
      const tokensPerSec = stepsPerSec * now.batch.B * now.batch.S;
      emit({
        type: 'steps',
        records: records(now, spaces, first, taken),
        tokensPerSec,
        stepsPerSec,
      });
      for (const at of crossed(now.evaluation.every, first, step)) {
        const ce = trainCe(at) + 0.06 + 0.02 * normal(at, 8);
        emit({ type: 'validation', step: at, ce, perDomain: { prose: ce + 0.2, code: ce - 0.2 } });
      }
      if (spaces.length > 0)
        for (const at of crossed(figuresEvery(now.evaluation.every), first, step))
          emit({ type: 'figures', figures: figures(now, spaces, at) });
      for (const _ of crossed(now.evaluation.sampleEvery, first, step)) {
        emit({ type: 'sample', sample: sampleAt('T', now.evaluation.temperature) });
      }
    }
    if (step >= total) {
      halt();
      emit({ type: 'stopped', reason: { kind: 'finished', step } });
      emit({ type: 'state', state: 'finished', step });
    }
  }

  function report(now: Experiment): OpenReport {
    return {
      runId,
      adapter,
      experiment: now,
      problems: [],
      vocabulary: VOCABULARY,
      parameters: 3_475_584,
      gpuBytes: 187_000_000,
      tokens: { training: 4_820_113, validation: 535_568, characters: 4_811_902 },
      unigramEntropy: ENTROPY,
      charactersPerToken: 0.998,
      prompt: 'The ',
      domains: DOMAINS,
      layers: spaces,
    };
  }

  async function open(next: Experiment): Promise<OpenReport> {
    halt();
    runId += 1;
    step = 0;
    experiment = { ...next, data: { ...next.data, hash: '0'.repeat(64) } };
    [spaces, since] = [layerSpaces(next), 1];
    figures = fakeFigures();
    for (const stage of ['data', 'tokenizer', 'parameters', 'kernels'] as const) {
      for (let done = 0; done <= 4; done++) {
        emit({ type: 'progress', stage, done, total: 4 });
        if (intervalMs > 0) await new Promise((resolve) => setTimeout(resolve, 60));
        if (experiment === null)
          throw Object.assign(new Error('The run was closed.'), { name: 'Cancelled' });
      }
    }
    return report(experiment);
  }

  return {
    ...fakeStored(options.library ?? null, {
      called,
      open,
      stepNow: () => step,
      standAt(at) {
        step = at;
        // The client passes a run's events on after its report.
        setTimeout(() => emit({ type: 'state', state: 'paused', step }));
      },
    }),
    ...fakeBeside({
      ...{ called, report },
      records: (now, first, n) => records(now, layerSpaces(now), first, n),
    }),
    ...fakeConversion({
      called,
      opened,
      async stored(id) {
        const row = await options.library?.row(id);
        if (!row?.experiment) throw new RangeError(`There is no run "${id}" in the library.`);
        return row.experiment;
      },
    }),
    ...fakeTexts({
      called,
      sampleAt,
      tell: (sample) => emit({ type: 'sample', sample }),
      spaces: () => spaces,
    }),
    calls,
    queue: async () => options.queue ?? createFakeQueue(),
    emit,
    advance,
    failNext: (command, name, message) =>
      failures.set(command, Object.assign(new Error(message), { name })),
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    terminate: halt,
    async probe() {
      await called('probe');
      return adapter;
    },
    async measure() {
      await called('measure');
      return { gflopsPerSec: 900, gbytesPerSec: 120, dispatchSeconds: 6e-6 };
    },
    async open(next, own) {
      await called('open', { experiment: next, own });
      return open(next);
    },
    async start() {
      await called('start');
      opened();
      emit({ type: 'state', state: 'running', step });
      if (intervalMs > 0) timer ??= setInterval(() => advance(stepsPerReport), intervalMs);
    },
    async pause() {
      await called('pause');
      halt();
      emit({ type: 'state', state: 'paused', step });
    },
    async step() {
      await called('step');
      halt();
      advance(1);
      emit({ type: 'state', state: 'paused', step });
    },
    async profile(steps) {
      await called('profile', steps);
      opened();
      advance(2 * steps);
      emit({ type: 'state', state: 'paused', step });
      return fakeProfile(spaces, steps, step);
    },
    async stopProfile() {
      await called('stopProfile');
    },
    async reset() {
      await called('reset');
      halt();
      step = 0;
      experiment = { ...opened(), events: [] };
      [spaces, since] = [layerSpaces(experiment), 1];
      emit({ type: 'state', state: 'ready', step });
    },
    async change(change) {
      await called('change', change);
      experiment = recordEvent(opened(), step + 1, change);
      operate(step + 1);
      emit({ type: 'changed', step: step + 1, change, experiment });
      return step + 1;
    },
    async experiment() {
      await called('experiment');
      return opened();
    },
    async evaluate() {
      await called('evaluate');
      return trainCe(step) + 0.06;
    },
    async inspect(kind, ask, subject = 'live') {
      await called('inspect', { kind, ask, subject });
      const stored = await storedModel(options.library ?? null, subject);
      return fakeAnswer(stored ?? { experiment: opened(), spaces, step: step + 1 }, kind, ask);
    },
    async probeTasks(ask) {
      await called('probeTasks', ask);
      opened();
      const probes = { ...madeProbes(step, ask.seed), items: ask.items };
      emit({ type: 'probes', probes });
      return probes;
    },
    async probeEvery(steps, ask) {
      await called('probeEvery', { steps, ask });
    },
    async cancelProbes() {
      await called('cancelProbes');
    },
    async checkpoint() {
      await called('checkpoint');
      return new TextEncoder().encode(JSON.stringify({ step, experiment: opened() }));
    },
    async restore(bytes) {
      await called('restore');
      const stored = JSON.parse(new TextDecoder().decode(bytes));
      const opening = await open(stored.experiment);
      step = stored.step;
      // The client passes a run's events on after its report.
      setTimeout(() => emit({ type: 'state', state: 'paused', step }));
      const { parent = null, elsewhere = null } = stored;
      // JSON has no typed arrays.
      const scalars = Float32Array.from(elsewhere?.scalars ?? []);
      return { ...opening, parent, elsewhere: elsewhere && { ...elsewhere, scalars } };
    },
    async check(next, own) {
      await called('check', { experiment: next, own });
      return { step: 0, config: engineConfig(next, VOCABULARY), domains: DOMAINS.length };
    },
    async checkCheckpoint(bytes) {
      await called('checkCheckpoint');
      const stored = JSON.parse(new TextDecoder().decode(bytes));
      const config = engineConfig(stored.experiment, VOCABULARY);
      return { step: stored.step, config, domains: DOMAINS.length };
    },
    async fork(change) {
      await called('fork', change);
      const now = { ...experimentAtStep(opened(), step + 1), events: [] };
      const forked = { step, experiment: applyChange(now, change) };
      return new TextEncoder().encode(JSON.stringify(forked));
    },
    async subscribe() {
      await called('subscribe');
    },
    async dispose() {
      await called('dispose');
      halt();
      experiment = null;
    },
  };
}
