/** Conversions without a GPU: plausible numbers, a different one in every place. */

import type { Experiment } from '../../src/config/experiment.ts';
import { previewPolicy } from '../../src/config/ladimo.ts';
import { parseLadimoSettings } from '../../src/config/ladimoSettings.ts';
import type {
  ConversionApi,
  ConversionEvent,
  ConversionState,
  LayerCurves,
  MeasuredStudent,
  OpenConversion,
  Speed,
  StudentChoice,
  Throughput,
} from '../../src/worker/api.ts';
import { DOMAINS } from './fakeRecords.ts';
import { tokensOf } from './fakeTexts.ts';

interface Host {
  called(name: string, argument?: unknown): Promise<void>;
  /** The open run. */
  opened(): Experiment;
  stored(id: string): Promise<Experiment>;
}

export interface FakeConversion {
  conversion(): Promise<ConversionApi>;
  /** Trains the next layer that is not converted by so many steps, all of its seeds. */
  distil(steps: number): void;
  /** Trains all layers to their end. */
  finish(): void;
}

const TEACHER_CE = 3;

/** Loss of a student: early layers cost more than late ones. */
export function fakeCe({ layers, K, policy, domain }: StudentChoice, L: number): number {
  const cost = layers.reduce((sum, layer) => sum + 0.05 + 0.02 * (L - layer), 0);
  const router = K === 1 ? 0.1 : K === 3 ? -0.02 : policy ? 0.013 : 0;
  return TEACHER_CE + cost + router - (domain ? 0.01 : 0);
}

const mseAt = (layer: number, seed: number, step: number) =>
  (0.01 * (layer + 1) * (1 + 0.1 * seed)) / (1 + step / 10);

function perDomain(ce: number, better = ''): Record<string, number> {
  return Object.fromEntries(
    DOMAINS.map((name, i) => [name, ce + 0.1 * i - (name === better ? 0.05 : 0)]),
  );
}

function measuredOf(choice: StudentChoice, { model }: Experiment): MeasuredStudent {
  const ce = fakeCe(choice, model.L);
  const { layers } = choice;
  const computing = choice.K ?? (choice.policy ? 1.7 : 2);
  return {
    choice,
    layers,
    ce,
    perDomain: perDomain(ce),
    active: 1_000_000 - 90_000 * layers.length,
    probes: null,
    computing: layers.length === 0 ? null : computing,
  };
}

const speed = (median: number): Speed => ({
  median,
  low: 0.95 * median,
  high: 1.04 * median,
  rounds: [0.95 * median, median, 1.04 * median],
});

/** Sorted weights between 1/N and 1, others for every layer. */
function weightsOf(layer: number, N: number, n: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    const part = (i + 0.5) / n;
    return 1 / N + (1 - 1 / N) * part ** (1 + layer / 2);
  });
}

function throughputOf({ model, batch }: Experiment, shape: Throughput['shape']): Throughput {
  const rows = Array.from({ length: model.L + 1 }, (_, n) => ({
    layers: Array.from({ length: n }, (_, i) => model.L - n + i),
    active: 1_000_000 - 90_000 * n,
    prefill: speed(20_000 - 700 * n),
    decode: speed(300 + 11 * n),
  }));
  return {
    ...{ adapter: 'NVIDIA ada-lovelace', shape, D: model.D, L: model.L },
    ...{ denseHidden: model.denseHidden, B: batch.B, S: batch.S, ffnShare: 0.72, rows },
    verdict: 'Prefill gets slower with every converted layer. Decoding gets faster.',
  };
}

export function fakeConversion({ called, opened, stored }: Host): FakeConversion {
  const listeners = new Set<(event: ConversionEvent) => void>();
  let state: ConversionState | null = null;
  let curves: LayerCurves[] = [];

  const tell = (event: ConversionEvent) => {
    for (const listener of listeners) listener(structuredClone(event));
  };
  function shown(id = state?.id): ConversionState {
    if (state === null || state.id !== id) throw new RangeError(`There is no conversion "${id}".`);
    return state;
  }
  function put(part: Partial<ConversionState>): void {
    state = { ...shown(), ...part };
    tell({ type: 'state', state });
  }
  const open = (): OpenConversion => structuredClone({ state: shown(), curves });

  async function teacherOf(teacher: Parameters<ConversionApi['plan']>[0]): Promise<Experiment> {
    if (teacher === 'live') return opened();
    if ('run' in teacher) return stored(teacher.run);
    if ('experiment' in teacher) return teacher.experiment;
    return opened();
  }
  function settingsOf({ model }: Experiment, settings: object) {
    const all = Array.from({ length: model.L }, (_, l) => l);
    const parsed = parseLadimoSettings({ layers: all, ...settings });
    if (model.denseHidden % parsed.N !== 0)
      throw new RangeError(
        `ladimo: N: ${parsed.N} experts do not divide ${model.denseHidden} hidden units; it must be one of 1, 2, 4`,
      );
    return parsed;
  }

  function distil(steps: number): void {
    const { settings, layers } = shown();
    const next = layers.find(({ isChosen, status }) => isChosen && status !== 'converted');
    if (next === undefined) {
      put({ stage: 'idle' });
      return;
    }
    const from = next.seeds[0]?.step ?? 0;
    const to = Math.min(settings.steps, from + steps);
    for (const { seed } of next.seeds) {
      const mse = Array.from({ length: to - from }, (_, i) =>
        mseAt(next.layer, seed, from + i + 1),
      );
      const balance = mse.map((value) => value / 20);
      curves = curves.filter((one) => one.layer !== next.layer || one.seed !== seed || from > 0);
      let own = curves.find((one) => one.layer === next.layer && one.seed === seed);
      if (own === undefined) {
        own = { layer: next.layer, seed, mse: [], balance: [], total: [], gradNorm: [], lr: [] };
        curves.push(own);
      }
      own.mse.push(...mse);
      own.balance.push(...balance);
      tell({
        ...{ type: 'steps', id: shown().id, layer: next.layer, seed, firstStep: from + 1 },
        ...{ mse: Float32Array.from(mse), balance: Float32Array.from(balance) },
      });
    }
    const isEnded = to === settings.steps;
    const trained = {
      ...next,
      status: isEnded ? ('converted' as const) : ('training' as const),
      seeds: next.seeds.map(({ seed }) => ({
        seed,
        step: to,
        mse: isEnded ? mseAt(next.layer, seed, to) : null,
      })),
    };
    const after = layers.map((one) => (one.layer === next.layer ? trained : one));
    const isWhole = after.every(({ isChosen, status }) => !isChosen || status === 'converted');
    put({ layers: after, stage: isWhole ? 'idle' : 'training' });
  }
  function finish(): void {
    while (shown().stage !== 'idle') distil(shown().settings.steps);
  }

  const api: ConversionApi = {
    async list() {
      if (state === null) return [];
      const { id, name, begunAt, changedAt, teacher, layers } = state;
      const converted = layers.filter(({ status }) => status === 'converted').length;
      const common = { id, name, begunAt, changedAt, layers: layers.length, converted };
      return [{ ...common, teacher: teacher.name, bytes: 123_456 }];
    },
    async open(id) {
      shown(id);
      return open();
    },
    async plan(teacher, settings) {
      await called('plan', { teacher, settings });
      const experiment = await teacherOf(teacher);
      const parsed = settingsOf(experiment, settings);
      const { denseHidden, L } = experiment.model;
      return {
        settings: parsed,
        domains: DOMAINS,
        teacher: { L, hidden: denseHidden },
        divisors: [1, 2, 4, 8].filter((n) => denseHidden % n === 0),
        parameters: { teacher: 1_200_000, student: 1_210_000 },
        active: [0, ...parsed.layers].map((_, n) => 1_000_000 - 90_000 * n),
        ffnShare: 0.72,
        bytes: { recorded: 8_000_000, stored: 5_000_000 },
        seconds: { recording: 3, training: 62 },
      };
    },
    async begin(teacher, settings) {
      await called('begin', { teacher, settings });
      const experiment = await teacherOf(teacher);
      const parsed = settingsOf(experiment, settings);
      curves = [];
      state = {
        ...{ id: 'c1', name: 'Fake teacher', begunAt: 1, changedAt: 2, settings: parsed },
        teacher: {
          ...{ name: 'Fake teacher', run: null, digest: 'ab', step: 20, experiment },
          isReplayable: true,
        },
        ...{ stage: 'training', progress: { done: 0, total: parsed.layers.length } },
        layers: Array.from({ length: experiment.model.L }, (_, layer) => {
          const isChosen = parsed.layers.includes(layer);
          return {
            ...{ layer, isChosen, status: isChosen ? ('recorded' as const) : ('dense' as const) },
            seeds: isChosen
              ? Array.from({ length: parsed.seeds }, (_, seed) => ({ seed, step: 0, mse: null }))
              : [],
          };
        }),
        ...{ students: [], throughput: [], domains: [], weights: null, policies: [] },
        ...{ digest: null, expected: null, student: null, failure: null },
      };
      return open();
    },
    async replay(link) {
      await called('replay', link);
      return open();
    },
    async stop() {
      await called('stopConversion');
      const layers = shown().layers.map((one) =>
        one.status === 'training' ? { ...one, status: 'stopped' as const } : one,
      );
      put({ layers, stage: 'idle' });
    },
    async goOn(id) {
      await called('goOn', id);
      put({ stage: 'training' });
      finish();
      return open();
    },
    async redo(id, layer) {
      await called('redo', { id, layer });
      const layers = shown(id).layers.map((one) =>
        one.layer === layer
          ? {
              ...one,
              status: 'recorded' as const,
              seeds: one.seeds.map(({ seed }) => ({ seed, step: 0, mse: null })),
            }
          : one,
      );
      const students = shown().students.filter((one) => !one.layers.includes(layer));
      put({ layers, students, stage: 'training' });
      finish();
      return open();
    },
    async measure(id, asked, probes) {
      await called('measure', { id, students: asked, probes });
      const { layers, teacher, students } = shown(id);
      const converted = layers.flatMap(({ layer, status }) =>
        status === 'converted' ? [layer] : [],
      );
      const upward = converted.map((_, i) => ({ layers: converted.slice(i) }));
      const alone = converted.map((layer) => ({ layers: [layer] }));
      const all = asked ?? [{ layers: [] }, ...upward.reverse(), ...alone.slice(0, -1)];
      const measured = all.map((choice) => measuredOf(choice, teacher.experiment));
      const others = students.filter(
        (one) => !all.some((choice) => JSON.stringify(choice) === JSON.stringify(one.choice)),
      );
      put({ students: [...others, ...measured] });
      return measured;
    },
    async throughput(id, shape, rounds) {
      await called('throughput', { id, shape, rounds });
      const { teacher, throughput } = shown(id);
      const one = throughputOf(teacher.experiment, shape);
      put({ throughput: [...throughput, one] });
      return one;
    },
    async domains(id, domain, steps) {
      await called('domains', { id, domain, steps });
      const { layers, teacher, domains } = shown(id);
      const { experiment } = teacher;
      const converted = layers.map(({ layer }) => layer);
      const before = measuredOf({ layers: converted }, experiment);
      const after = { ...before, perDomain: perDomain(before.ce, domain) };
      const none = measuredOf({ layers: [] }, experiment);
      const result = { domain, layers: converted, steps, before, after, teacher: none };
      put({ domains: [...domains, result] });
      return result;
    },
    async profile(id) {
      await called('profile conversion', id);
      const { layers, settings } = shown(id);
      const of = (n: number) =>
        layers.map(({ layer }) => ({ layer, weights: weightsOf(layer, settings.N, n) }));
      const weights = {
        layers: of(400),
        domains: DOMAINS.map((domain, i) => ({ domain, layers: of(60 + 10 * i) })),
        N: settings.N,
      };
      put({ stage: 'profiling', weights });
      const answer = open();
      put({ stage: 'idle' });
      return answer;
    },
    async policy(id, shares) {
      await called('policy', { id, shares });
      const { weights, teacher, policies, layers, settings } = shown(id);
      if (weights === null) throw new RangeError('No routing weights were recorded.');
      const all = layers.map(({ layer }) => layer);
      const result = {
        shares,
        policy: previewPolicy(weights.layers, weights.N, shares),
        adaptive: measuredOf({ layers: all, policy: shares }, teacher.experiment),
        statics: [1, 2, 3]
          .filter((K) => K <= settings.N)
          .map((K) => ({ K, ...measuredOf({ layers: all, K }, teacher.experiment) })),
      };
      put({ policies: [...policies, result] });
      return result;
    },
    async assemble(id, student, name) {
      await called('assemble', { id, student, name });
      return 'student1';
    },
    async write(id, student, request, onTokens) {
      await called('write', { id, student, request });
      const [prompt = ''] = request.prompts;
      const of = (side: 'teacher' | 'student', text: string) => {
        const tokens = tokensOf(text, 0, []).map((one) => ({ ...one, id: one.text.charCodeAt(0) }));
        onTokens(side, tokens.slice(0, 2));
        onTokens(side, tokens.slice(2));
        return {
          ...{ step: 20, texts: [{ prompt, text, end: 'tokens' as const }] },
          ...{ tokens: text.length, recomputed: 0, tokensPerSec: 64, flopsPerToken: 1_000_000 },
        };
      };
      return { teacher: of('teacher', 'the sea'), student: of('student', 'the sky') };
    },
    link: async () => '#c=1',
    toFile: async () => new Uint8Array([1, 2]),
    async fromFile() {
      await called('fromFile');
      return open();
    },
    async rename(id, name) {
      shown(id);
      put({ name });
    },
    async remove(id) {
      await called('remove conversion', id);
      shown(id);
      state = null;
      tell({ type: 'removed', id });
    },
    async subscribe(listener) {
      listeners.add(listener);
    },
  };
  return { conversion: async () => api, distil, finish };
}
