/**
 * Six small runs and what the commands write of them: tests/fixtures/raw holds the files, which the
 * views' tests draw; tests/cli/rawRuns.gpu.test.ts compares them with the commands.
 */
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
