import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { layerLoads, SCALAR_COUNT, SCALARS, type StepRecords } from '../../src/config/telemetry.ts';
import { NO_REPORTS, type RunParts, type RunPiece, type RunRow } from '../../src/runs/record.ts';

export function makeRow(id: string, part: Partial<RunRow> = {}): RunRow {
  return {
    format: 1,
    id,
    name: `Run ${id}`,
    note: '',
    tags: [],
    origin: 'trained',
    status: 'open',
    begunAt: 1000,
    changedAt: 1000,
    exportedAt: null,
    version: '0.1.0',
    experiment: DEFAULTS_V1,
    parent: null,
    text: null,
    adapter: null,
    steps: 0,
    seconds: 0,
    tokensPerStep: 256,
    last: {},
    best: {},
    thumbnail: [],
    color: 0,
    isVisible: false,
    checkpoints: [],
    bytes: 0,
    ...part,
  };
}

/** Value of a scalar that tells step and column apart. */
export const valueAt = (step: number, c: number) => step + c / 64;

/** Records of n steps of one MoE layer of R slots, every number of which tells its step. */
export function makeRecords(firstStep: number, n: number, R = 3, shift = 0): StepRecords {
  const scalars = new Float32Array(n * SCALAR_COUNT);
  for (let i = 0; i < n; i++)
    for (let c = 0; c < SCALAR_COUNT; c++)
      scalars[i * SCALAR_COUNT + c] = valueAt(firstStep + i + shift, c);
  const layer = layerLoads({ layer: 1, R, W: 2 }, n, 2, (_, into) => {
    const width = into.length / n;
    into.forEach((_, i) => {
      into[i] = firstStep + Math.floor(i / width) + shift;
    });
  });
  return { firstStep, n, scalars, layers: [layer] };
}

export function pieceOf(records: StepRecords | null, part: Partial<RunPiece> = {}): RunPiece {
  return { records, ...NO_REPORTS, ...part };
}

export const NO_PARTS: RunParts = { curves: {}, records: [], ...NO_REPORTS };

/** Column of a scalar. */
export const columnOf = (name: (typeof SCALARS)[number]) => SCALARS.indexOf(name);
