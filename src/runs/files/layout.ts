/** Where what lies in a file of runs, and how large it may be. Writer and reader share it. */
import { MAX_OWN_BYTES } from '../../data/ownText.ts';

export const RUN_JSON = 'run.json';
/** What tells an archive of a conversion from one of runs. */
export const CONVERSION_JSON = 'conversion.json';

/** Files of a run, below its folder. */
export const METRICS = 'metrics.parquet';
export const ROUTING = 'routing.parquet';
/** Figures over training time, of layers and of their slots. */
export const FIGURES = 'figures.parquet';
export const FIGURE_SLOTS = 'figureSlots.parquet';
export const VALIDATION = 'validation.json';
export const SAMPLES = 'samples.json';
export const PROBES = 'probes.json';
/** For people and other programs: written, never read. */
export const CSV_FILES = ['metrics.csv', 'routing.csv', 'figures.csv', 'figureSlots.csv'] as const;

export const checkpointFile = (step: number) => `checkpoints/step-${step}.safetensors`;
/** Own texts stand beside the runs, once each. */
export const textFile = (hash: string) => `texts/${hash}.txt`;

/** Most bytes of each kind of file, unpacked. */
export const LIMITS = {
  json: 32e6,
  table: 2 ** 29,
  checkpoint: 2 ** 32 - 2,
  text: MAX_OWN_BYTES,
} as const;

/** Most rows of a table: what its bytes could hold, at four a value and three values a row. */
export const MAX_ROWS = Math.floor(LIMITS.table / 12);
/** Step, layer and slot, ranks, domains and means. */
export const MAX_COLUMNS = 160;
