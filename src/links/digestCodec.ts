/** Digests of runs as bytes: what a link packs under `r`. */
import { MAX_LAYERS, MAX_SLOTS, MAX_STEPS } from '../config/settings.ts';
import type { RecordedAdapter } from '../runs/record.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import {
  type FinalLoad,
  LEVELS,
  MAX_ADAPTER,
  MAX_NAME,
  MAX_VERSION,
  type QuantisedCurve,
  type RunDigest,
  SHARES,
} from './digest.ts';
import { FIXED_STEPS } from './steps.ts';

/** The first byte. A reader of today reads no other. */
const FORMAT = 1;
/** More points than `encodeShare` ever writes for a curve. */
const MAX_POINTS = 4096;
const HEX_WORD = 8;

function writeSteps(to: ByteWriter, steps: readonly number[]): void {
  to.count(steps.length);
  steps.forEach((step, i) => {
    to.count(step - (steps[i - 1] ?? 0));
  });
}

/** @throws RangeError for steps that do not rise, or beyond the last one that there is */
function readSteps(from: ByteReader, most: number): number[] {
  const n = from.count('the number of points', most);
  let step = 0;
  return Array.from({ length: n }, (_, i) => {
    const rise = from.count('the distance of two steps', MAX_STEPS);
    if (i > 0 && rise === 0) throw new RangeError(`step ${step} stands twice`);
    step += rise;
    if (step > MAX_STEPS) throw new RangeError(`step ${step} is beyond ${MAX_STEPS}`);
    return step;
  });
}

function writeCurve(to: ByteWriter, { low, quantum, steps, levels }: QuantisedCurve): void {
  writeSteps(to, steps);
  to.float(low);
  to.float(quantum);
  levels.forEach((level, i) => {
    to.signed(level - (levels[i - 1] ?? 0));
  });
}

function readCurve(from: ByteReader): QuantisedCurve {
  const steps = readSteps(from, MAX_POINTS);
  const [low, quantum] = [from.float(), from.float()];
  if (!Number.isFinite(low) || !Number.isFinite(quantum) || quantum < 0)
    throw new RangeError(`a curve begins at ${low} in steps of ${quantum}`);
  let level = 0;
  const levels = steps.map(() => {
    level += from.signed('the distance of two losses', LEVELS);
    if (level < 0 || level > LEVELS)
      throw new RangeError(`a loss has level ${level}; 0 to ${LEVELS} are allowed`);
    return level;
  });
  return { low, quantum, steps, levels };
}

function writeAdapter(to: ByteWriter, adapter: RecordedAdapter | null): void {
  to.byte(adapter === null ? 0 : adapter.isSoftware ? 2 : 1);
  if (adapter === null) return;
  to.text(adapter.description, MAX_ADAPTER);
  const { buffer, binding, total } = adapter.needs;
  for (const bytes of [buffer, binding, total]) to.count(bytes);
}

function readAdapter(from: ByteReader): RecordedAdapter | null {
  const kind = from.byte();
  if (kind > 2) throw new RangeError(`the adapter is of class ${kind}; 0 to 2 are known`);
  if (kind === 0) return null;
  const description = from.text('the adapter', MAX_ADAPTER);
  const [buffer, binding, total] = [
    from.count('a buffer'),
    from.count('a binding'),
    from.count('the memory'),
  ];
  return { description, isSoftware: kind === 2, needs: { buffer, binding, total } };
}

function writeLoads(to: ByteWriter, loads: readonly FinalLoad[]): void {
  to.count(loads.length);
  for (const { layer, shares } of loads) {
    to.count(layer);
    to.count(shares.length);
    for (const share of shares) to.count(share);
  }
}

function readLoads(from: ByteReader): FinalLoad[] {
  return Array.from({ length: from.count('the number of layers', MAX_LAYERS) }, () => {
    const layer = from.count('a layer', MAX_LAYERS - 1);
    const slots = from.count('the number of slots', MAX_SLOTS);
    return {
      layer,
      shares: Array.from({ length: slots }, () => from.count('a load', SHARES)),
    };
  });
}

function writeRun(to: ByteWriter, run: RunDigest): void {
  to.text(run.name, MAX_NAME);
  to.text(run.version, MAX_VERSION);
  writeAdapter(to, run.adapter);
  to.count(run.firstStep);
  to.count(run.lastStep);
  for (const at of [0, HEX_WORD]) to.word(Number.parseInt(run.digest.slice(at, at + HEX_WORD), 16));
  writeSteps(
    to,
    run.fixed.map(({ step }) => step),
  );
  for (const { bits } of run.fixed) to.word(bits);
  writeCurve(to, run.training);
  writeCurve(to, run.validation);
  writeLoads(to, run.loads);
}

function readRun(from: ByteReader): RunDigest {
  const hex = () => from.word().toString(16).padStart(HEX_WORD, '0');
  const name = from.text('a name', MAX_NAME);
  const version = from.text('a version', MAX_VERSION);
  const adapter = readAdapter(from);
  const firstStep = from.count('the first step', MAX_STEPS);
  const lastStep = from.count('the last step', MAX_STEPS);
  const digest = hex() + hex();
  const fixed = readSteps(from, FIXED_STEPS).map((step) => ({ step, bits: from.word() }));
  const training = readCurve(from);
  const validation = readCurve(from);
  const loads = readLoads(from);
  return {
    name,
    version,
    adapter,
    firstStep,
    lastStep,
    digest,
    fixed,
    training,
    validation,
    loads,
  };
}

export function encodeDigests(runs: readonly RunDigest[]): Uint8Array {
  const to = new ByteWriter();
  to.byte(FORMAT);
  to.count(runs.length);
  for (const run of runs) writeRun(to, run);
  return to.bytes();
}

/**
 * @param runs how many there must be
 * @throws RangeError, as the end of a sentence, for anything that `encodeDigests` did not write
 */
export function decodeDigests(bytes: Uint8Array, runs: number): RunDigest[] {
  const from = new ByteReader(bytes);
  const format = from.byte();
  if (format !== FORMAT)
    throw new RangeError(`they have format ${format}; this version reads ${FORMAT}`);
  const count = from.count('the number of runs');
  if (count !== runs) throw new RangeError(`they are of ${count} runs, and the link has ${runs}`);
  const read = Array.from({ length: runs }, () => readRun(from));
  if (!from.isAtEnd) throw new RangeError('more follows than they need');
  return read;
}
