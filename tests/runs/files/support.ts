/** Runs to write into files. */
import { layerLoads, SCALARS, type StepRecords } from '../../../src/config/telemetry.ts';
import type { OwnText } from '../../../src/data/ownText.ts';
import type { RunToWrite, WriteOptions } from '../../../src/runs/files/writeRuns.ts';
import { runsZip } from '../../../src/runs/files/writeRuns.ts';
import type { RunCurves, RunParts, RunRow } from '../../../src/runs/record.ts';
import { encodeCheckpoint } from '../../../src/train/session/checkpoint.ts';
import { madeFigures, madeProbes } from '../../support/reports.ts';
import { harness, open, TINY } from '../../train/support.ts';

export const DOMAINS = ['prose', 'code'];
export const EVERYTHING: WriteOptions = { checkpoints: 'all', ownText: true };

export interface LayerShape {
  layer: number;
  R: number;
  W: number;
}

/** Numbers that look like noise and are the same every time. */
function noise(i: number): number {
  return Math.fround(Math.sin(i * 12.9898) * 43758.5453) % 1;
}

/** Records of n steps with made-up numbers, every one of its own. */
export function madeRecords(
  firstStep: number,
  n: number,
  layers: readonly LayerShape[],
): StepRecords {
  let i = firstStep * 1000;
  return {
    firstStep,
    n,
    scalars: Float32Array.from({ length: n * SCALARS.length }, () => noise(i++)),
    layers: layers.map((shape) =>
      layerLoads(shape, n, DOMAINS.length, (_, into) => {
        const isCount = into instanceof Uint32Array;
        for (let k = 0; k < into.length; k++) into[k] = isCount ? i++ % 4096 : noise(i++);
      }),
    ),
  };
}

/** Curves as a library gives them: dense scalars from the records, and the validation loss. */
export function curvesOfRecords(
  records: readonly StepRecords[],
  validation: RunParts['validation'],
): RunCurves {
  const curves: RunCurves = {};
  const firstStep = records[0]?.firstStep ?? 1;
  SCALARS.forEach((name, c) => {
    const values = records.flatMap(({ n, scalars }) =>
      Array.from({ length: n }, (_, i) => scalars[i * SCALARS.length + c]!),
    );
    curves[name] = { firstStep, steps: null, values: Float32Array.from(values) };
  });
  if (validation.length > 0)
    curves.validation = {
      firstStep: validation[0]!.step,
      steps: Float64Array.from(validation, ({ step }) => step),
      values: Float32Array.from(validation, ({ ce }) => ce),
    };
  return curves;
}

export function madeParts(records: readonly StepRecords[]): RunParts {
  const validation = [
    { step: 3, ce: 5.25, perDomain: { prose: 5, code: 5.5 } },
    { step: 7, ce: 4.125, perDomain: { prose: 4.125, code: Number.NaN } },
  ];
  const samples = [
    { step: 5, prompt: 'The ', text: '“quick”,\n<b>fox</b>\u0000', temperature: 0.8 },
  ];
  const reports = {
    validation,
    samples,
    figures: madeFigures(3, 7, 9),
    probes: [madeProbes(5), madeProbes(8, 2)],
  };
  return { curves: curvesOfRecords(records, validation), records, ...reports };
}

export function madeRow(id: string, change: Partial<RunRow> = {}): RunRow {
  return {
    format: 1,
    id,
    name: `Run ${id} “with, commas”`,
    note: 'α and\nlines',
    tags: ['dense', 'b'],
    origin: 'trained',
    status: 'done',
    begunAt: 1_700_000_000_000,
    changedAt: 1_700_000_060_000,
    exportedAt: null,
    version: '0.1.0',
    experiment: { ...TINY, events: [[4, { 'optimizer.lr': 0.02 }]] },
    parent: { id: 'other-run', step: 3 },
    text: {
      hash: 'f'.repeat(64),
      isOwn: false,
      vocabulary: 8,
      unigramEntropy: 2,
      charactersPerToken: 1,
      domains: DOMAINS,
    },
    adapter: {
      description: 'fake',
      isSoftware: true,
      needs: { buffer: 100, binding: 90, total: 1000 },
    },
    steps: 10,
    seconds: 1.5,
    tokensPerStep: 8,
    last: { ce: { step: 10, value: 1.5 }, validation: { step: 7, value: Number.NaN } },
    best: { ce: { step: 9, value: 1.25 } },
    thumbnail: [
      { step: 1, value: 3 },
      { step: 10, value: 1.5 },
    ],
    color: 2,
    isVisible: true,
    checkpoints: [],
    bytes: 12_345,
    ...change,
  };
}

/** A surgery between the two: other slots, other ranks. */
const BEFORE: LayerShape[] = [
  { layer: 0, R: 4, W: 2 },
  { layer: 2, R: 3, W: 3 },
];
const AFTER: LayerShape[] = [
  { layer: 0, R: 5, W: 2 },
  { layer: 2, R: 3, W: 3 },
];

export interface Stored {
  row: RunRow;
  parts: RunParts;
  checkpoints: ReadonlyMap<number, Uint8Array>;
  ownText: OwnText | null;
}

/** A run with a surgery, two checkpoints and, where it is wanted, a text of its own. */
export async function madeRun(id: string, ownText: OwnText | null = null): Promise<Stored> {
  const checkpoints = new Map<number, Uint8Array>();
  const session = await open({ ...TINY, events: [[4, { 'optimizer.lr': 0.02 }]] }, harness());
  for (const step of [6, 10]) {
    await session.runTo(step);
    checkpoints.set(step, await session.checkpoint());
  }
  await session.dispose();
  const base = madeRow(id);
  const list = [...checkpoints].map(([step, bytes]) => ({
    step,
    bytes: bytes.length,
    isPinned: step === 6,
    at: 1_700_000_000_000 + step,
  }));
  const text = base.text && { ...base.text, isOwn: ownText !== null };
  return {
    row: { ...base, checkpoints: list, text },
    parts: madeParts([madeRecords(1, 4, BEFORE), madeRecords(5, 6, AFTER)]),
    checkpoints,
    ownText,
  };
}

export function toWrite({ row, parts, checkpoints, ownText }: Stored): RunToWrite {
  return {
    row,
    parts: async () => parts,
    async checkpoint(step) {
      const bytes = checkpoints.get(step);
      if (bytes === undefined) throw new RangeError(`no checkpoint of step ${step}`);
      return bytes;
    },
    ownText: async () => ownText,
  };
}

export async function bytesOfRuns(
  runs: readonly Stored[],
  options: WriteOptions = EVERYTHING,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  for await (const piece of runsZip(runs.map(toWrite), options)) pieces.push(piece.slice());
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

export { encodeCheckpoint, TINY };
