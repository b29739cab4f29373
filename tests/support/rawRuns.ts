/**
 * Six small runs and what the commands write of them: tests/fixtures/raw holds the files, which the
 * views' tests draw; tests/cli/rawRuns.gpu.test.ts compares them with the commands.
 */
import type { FigureRequest } from '../../src/analysis/figures.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change, Experiment } from '../../src/config/experiment.ts';
import { presetById } from '../../src/config/presets.ts';

/** Domains of the text, which the fake trainer's text has too. */
export const RAW_DOMAINS = ['prose', 'code', 'languages'];
/** Sequences of a batch, tokens of a sequence, and batches of the validation set. */
export const RAW_TEXT = { B: 2, S: 32, n: 4 } as const;
const RAW_STEPS = 24;
/** Steps between two rows of figures over training time, of the run that is trained for two of them. */
export const RAW_EVERY = 25;

const SMALL: Change = {
  'model.D': 16,
  'model.H': 2,
  'model.Hkv': 1,
  'model.denseHidden': 32,
  'batch.B': RAW_TEXT.B,
  'batch.S': RAW_TEXT.S,
  'tokenizer.kind': 'bytes',
  'optimizer.warmup': 10,
  'optimizer.totalSteps': RAW_STEPS,
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
  'evaluation.batches': RAW_TEXT.n,
  'data.mix': Object.fromEntries(RAW_DOMAINS.map((domain) => [domain, 1])),
};

/** A preset's slots and router in a model that trains within seconds. */
function small(preset: string, change: Change = {}): Experiment {
  const found = presetById(preset);
  if (found === undefined) throw new Error(`no preset is called "${preset}"`);
  return applyChange(applyChange(found.experiment, SMALL), change);
}

const moeppSlots = small('moepp-8+4').experts.slots;

/** The runs by the name of their file. */
export const RAW_RUNS = {
  'moepp-8+4': small('moepp-8+4'),
  /** Its training is recorded too. */
  'moepp-drops': small('moepp-8+4', {
    'evaluation.capacity': true,
    'evaluation.every': RAW_EVERY,
    'optimizer.totalSteps': 2 * RAW_EVERY,
  }),
  /** A dense first layer, and a last one of fewer slots. */
  'moepp-unequal': small('moepp-8+4', {
    'model.arrangement': '1dense',
    'router.gatingResidual': false,
    'experts.perLayer': { 3: moeppSlots.slice(0, 6) },
  }),
  tcmoe: small('tcmoe'),
  'modse-pairs': small('modse-pairs'),
  'modse-uniform': small('modse-uniform'),
} as const;

export type RawRun = keyof typeof RAW_RUNS;

/** What the passage asks of a token: a slot that it has at rank 0 of layer 0. */
export const RAW_TOKEN = { token: 5, held: 6 } as const;
const scaled = (factor: number) => {
  const { token, held: slot } = RAW_TOKEN;
  const items = [{ type: 'scale', layer: 0, token, slot, factor } as const];
  return { figure: 'interventions', items, of: token } as const;
};
/** Every other slot in its place. */
export const RAW_FORCED = moeppSlots
  .map((_, slot) => ({ name: `forced${slot}`, slot }))
  .filter(({ slot }) => slot !== RAW_TOKEN.held);
const forced = (slot: number): FigureRequest => {
  const { token } = RAW_TOKEN;
  const items = [{ type: 'force', layer: 0, token, rank: 0, slot } as const];
  return { figure: 'interventions', items, of: token };
};

const RAW_DRAWN = { figure: 'contribution', n: 3, seed: 5 } as const;

type FileRequest = FigureRequest & { routing?: boolean };

/** Figures of passes with interventions that are exported too: their requests by name, as files have them. */
export const RAW_REQUESTS = {
  'moepp-8+4': {
    alone: { figure: 'pruning', rule: { by: 'count', most: 3 }, layer: null },
    without: { figure: 'removal' },
    masked: scaled(0),
    flipped: { ...scaled(-1), routing: true },
    ...Object.fromEntries(RAW_FORCED.map(({ name, slot }) => [name, forced(slot)])),
  },
  'moepp-drops': { drawn: RAW_DRAWN },
  tcmoe: { drawn: RAW_DRAWN },
} as const satisfies Partial<Record<RawRun, Record<string, FileRequest>>>;

export const rawRequests = (run: RawRun): Record<string, FileRequest> =>
  run in RAW_REQUESTS ? RAW_REQUESTS[run as keyof typeof RAW_REQUESTS] : {};

/** From the repository's root, where tests run. */
const FOLDER = 'tests/fixtures/raw';
/** What `npm run analyse -- --raw` writes of a run. */
export const rawFile = (run: RawRun) => `${FOLDER}/${run}.safetensors`;

export const TRAINED: RawRun = 'moepp-drops';
export const PROBE_SEED = 7;
/** What the commands write of that run besides. */
export const TRAINED_FILES = {
  /** Its raw export after `RAW_EVERY` steps. */
  earlier: `${FOLDER}/${TRAINED}.earlier.safetensors`,
  /** Telemetry and validation by `npm run experiment -- --out`. */
  metrics: `${FOLDER}/${TRAINED}.metrics.json`,
  /** Answers by `npm run analyse -- --probes all --seed 7`. */
  probes: `${FOLDER}/${TRAINED}.probes.json`,
} as const;
