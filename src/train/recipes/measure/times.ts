/** Times of models that take turns in one process: medians over rounds, never to be merged. */
import type { Inspection } from '../../../analysis/inspection.ts';
import { isComputing } from '../../../config/slots.ts';
import type { Measured, TimesMeasurement } from '../../../recipes/measurement.ts';
import type { ProfileReport } from '../../profile/profileReport.ts';
import type { OpenModel } from '../openModel.ts';
import { listOf, orNull } from './values.ts';

/** What is timed once: milliseconds of a pass, or of a token. */
type Timed = (model: OpenModel, pass: number) => Promise<number>;

async function clocked(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Grouped products of the MoE layers' forward pass in a training step, by GPU timestamps; undefined without any. */
const experts: Timed = async ({ engine, text, watch }) => {
  const profiler = await engine.profiler();
  try {
    while (profiler.steps < 1)
      await watch(profiler.step(text.trainingBatch(batchOf(engine, text))));
    return expertMs(profiler.report());
  } finally {
    profiler.destroy();
  }
};

/** Batch of the next step; beyond the end of the data its first ones again. */
function batchOf({ step }: OpenModel['engine'], { lastStep }: OpenModel['text']): number {
  return lastStep === null ? step + 1 : (step % lastStep) + 1;
}

export function expertMs({ source, experts: of }: ProfileReport): number {
  // The clock beside the GPU knows whole phases alone: that is another quantity.
  if (source !== 'timestamps') return Number.NaN;
  return of.reduce((all, { forwardMs }) => all + forwardMs, 0);
}

const forward: Timed = ({ engine, text, settings, watch }, pass) => {
  const { batches, capacity } = settings.evaluation;
  const batch = text.validationBatch(pass % batches);
  return clocked(() => watch(engine.evaluate(batch, { capacity })));
};

/** Tokens of a sequence of the validation batches. */
function sequence({ text, settings }: OpenModel, i: number, length: number): number[] {
  const { B, S } = settings.batch;
  const { tokens } = text.validationBatch(Math.floor(i / B));
  const start = (i % B) * S;
  return Array.from(tokens.subarray(start, start + Math.min(length, S)));
}

const QUIET = { capacity: false, routing: false };

/** A sequence that no cache knows, from its first token to its last. */
const prefill: Timed = async (model, pass) => {
  const { engine, settings, watch } = model;
  const { S } = settings.batch;
  const tokens = sequence(model, pass, S);
  await watch(engine.next([null], QUIET).catch(() => null));
  return (await clocked(() => watch(engine.next([tokens], QUIET)))) / tokens.length;
};

/** Texts that are written side by side, and tokens of each that are timed. */
const TEXTS = 4;
const WRITTEN = 8;

const decode: Timed = async (model) => {
  const { engine, settings, watch } = model;
  const start = Math.max(1, Math.floor(settings.batch.S / 2));
  const whole = Array.from({ length: TEXTS }, (_, i) => sequence(model, i, settings.batch.S));
  const upTo = (length: number) => whole.map((tokens) => tokens.slice(0, length));
  await watch(engine.next(upTo(start), QUIET));
  const written = Math.min(WRITTEN, settings.batch.S - start);
  const ms = await clocked(async () => {
    for (let n = 1; n <= written; n++) await watch(engine.next(upTo(start + n), QUIET));
  });
  return ms / (written * TEXTS);
};

const TIMED: Readonly<Record<TimesMeasurement['what'], Timed>> = {
  experts,
  forward,
  prefill,
  decode,
};

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

/** Computing assignments that are kept, per token and layer. */
export function computingPerToken({ layers, ce }: Inspection): number {
  let kept = 0;
  for (const { selected, dropped, kinds } of layers) {
    selected.forEach((slot, at) => {
      if (slot >= 0 && dropped[at] === 0 && isComputing(kinds[slot]!)) kept += 1;
    });
  }
  return kept / (ce.length * layers.length);
}

/** Of all models in turn, each once per round after one that does not count. */
export async function timesInTurn(
  models: ReadonlyMap<string, OpenModel>,
  { what, rounds, passes }: Pick<TimesMeasurement, 'what' | 'rounds' | 'passes'>,
): Promise<Map<string, number[]>> {
  const times = new Map([...models.keys()].map((name) => [name, [] as number[]]));
  const timed = TIMED[what];
  for (const model of models.values()) await timed(model, 0);
  for (let round = 0; round < rounds; round++) {
    for (const [name, model] of models) {
      let sum = 0;
      for (let pass = 0; pass < passes; pass++) sum += await timed(model, round * passes + pass);
      times.get(name)!.push(sum / passes);
    }
  }
  return times;
}

export async function timesOf(
  models: ReadonlyMap<string, OpenModel>,
  measurement: TimesMeasurement,
): Promise<Map<string, Measured>> {
  const shares = new Map<string, number>();
  for (const [name, model] of models) {
    const capacity = model.settings.router.capacity !== null;
    const { inspection } = await model.inspect('pass', { of: { validation: 1 }, capacity });
    shares.set(name, computingPerToken(inspection) / model.settings.router.K);
  }
  const times = await timesInTurn(models, measurement);
  return new Map(
    [...times].map(([name, rounds]) => [
      name,
      { ms: orNull(median(rounds)), rounds: listOf(rounds), share: orNull(shares.get(name)!) },
    ]),
  );
}
