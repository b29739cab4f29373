/** What came of reproducing a run that a link told of. */
import type { RecordedAdapter, RunCurves, Series } from '../runs/record.ts';
import { bitsOf, floatOf } from './bytes.ts';
import { digestOf, levelValue, lossesOf, type QuantisedCurve, type RunDigest } from './digest.ts';
import { between, stepAt, valueAt } from './steps.ts';

const FORMAT = 'switchyard-receipt';
const RECEIPT_VERSION = 1;
/** Losses farther apart than this many quanta are not the same: half of one is rounding. */
const WITHIN = 0.51;

/** A loss at a step that was compared bit by bit. */
export interface ExactLoss {
  step: number;
  /** Bits as hexadecimal digits, and what they are; null where there is no finite number. */
  sender: { bits: string; loss: number | null };
  here: { bits: string; loss: number | null };
  isSame: boolean;
}

/** A curve compared within its quantisation. */
export interface CurveCheck {
  points: number;
  quantum: number;
  /** Farthest point, and its distance, null where one of the two is no finite number; null without any. */
  farthest: { step: number; distance: number | null } | null;
  /** First step beyond the quantisation, null where there is none. */
  firstBeyond: number | null;
  beyond: number;
}

export interface Receipt {
  format: typeof FORMAT;
  version: typeof RECEIPT_VERSION;
  verdict: 'identical' | 'parts';
  /** The verdict in sentences. */
  says: string;
  run: { name: string; link: string; firstStep: number; lastStep: number };
  sender: { version: string; adapter: RecordedAdapter | null; digest: string };
  here: { version: string; adapter: string | null; digest: string; at: string };
  /** Where the two part; null where they don't. */
  parting: {
    /** Last step up to which every exact loss is the same; null where already the first differs. */
    lastSame: number | null;
    /** First step at which a difference shows; null where only the digest tells of one. */
    firstDifferent: number | null;
  } | null;
  exact: readonly ExactLoss[];
  quantised: { training: CurveCheck; validation: CurveCheck };
}

/** What was trained here in answer to a link. */
export interface Reproduced {
  curves: RunCurves;
  adapter: string | null;
  version: string;
  /** Link of the experiment. */
  link: string;
  at: Date;
}

function lossOf(bits: number): { bits: string; loss: number | null } {
  const loss = floatOf(bits);
  return { bits: bits.toString(16).padStart(8, '0'), loss: Number.isFinite(loss) ? loss : null };
}

function exactLosses(sender: RunDigest, training: Series): ExactLoss[] {
  return sender.fixed.map(({ step, bits }) => {
    const here = bitsOf(valueAt(training, step));
    return { step, sender: lossOf(bits), here: lossOf(here), isSame: here === bits };
  });
}

function checkCurve(curve: QuantisedCurve, here: Series): CurveCheck {
  const { quantum, steps, levels } = curve;
  const rounding = 1e-6 * Math.max(1, Math.abs(curve.low));
  const found = steps.map((step, i) => {
    const [sent, own] = [levelValue(curve, levels[i]!), valueAt(here, step)];
    if (!Number.isFinite(sent)) return { step, distance: Number.isFinite(own) ? Infinity : 0 };
    return { step, distance: Number.isFinite(own) ? Math.abs(own - sent) : Infinity };
  });
  const beyond = found.filter(({ distance }) => distance > WITHIN * quantum + rounding);
  const farthest = found.reduce<(typeof found)[number] | null>(
    (most, next) => (most === null || next.distance > most.distance ? next : most),
    null,
  );
  return {
    points: steps.length,
    quantum,
    farthest: farthest && {
      ...farthest,
      distance: Number.isFinite(farthest.distance) ? farthest.distance : null,
    },
    firstBeyond: beyond[0]?.step ?? null,
    beyond: beyond.length,
  };
}

/** The losses here that the sender's digest is of: of a run that was opened from a checkpoint it has the later ones. */
function comparable(
  sender: RunDigest,
  curves: RunCurves,
): { training: Series; validation: Series } {
  const { training, validation } = lossesOf(curves);
  const { steps } = sender.validation;
  return {
    training: between(training, sender.firstStep, sender.lastStep),
    validation: between(validation, steps[0] ?? 0, steps.at(-1) ?? 0),
  };
}

/** A loss in the digits that tell one float32 from the next. */
function show(loss: number | null): string {
  return loss === null ? 'no number' : String(Number(loss.toPrecision(9)));
}

function sentences(
  sender: RunDigest,
  { parting, exact, quantised }: Pick<Receipt, 'parting' | 'exact' | 'quantised'>,
): string {
  const { firstStep, lastStep } = sender;
  if (parting === null)
    return `Bit-identical: every loss from step ${firstStep} to ${lastStep} is the sender’s, as the digest of all of them shows.`;
  const different = exact.find(({ isSame }) => !isSame);
  const until =
    parting.lastSame === null
      ? 'No exactly compared loss is the same before they part'
      : `Bit-identical at the exactly compared steps up to ${parting.lastSame}`;
  const from =
    different === undefined
      ? 'at none of these steps do they differ, but the digest of all losses does'
      : `at step ${different.step} the loss is ${show(different.here.loss)} here and ${show(different.sender.loss)} at the sender’s`;
  const { training, validation } = quantised;
  const firsts = [training.firstBeyond, validation.firstBeyond].filter((step) => step !== null);
  const elsewhere =
    firsts.length === 0
      ? `Everywhere else both curves agree within the link’s quantisation of ${training.quantum.toPrecision(2)}`
      : `Beyond the link’s quantisation of ${training.quantum.toPrecision(2)} from step ${Math.min(...firsts)} on: ${training.beyond} of ${training.points} training losses, ${validation.beyond} of ${validation.points} validation losses`;
  const begins =
    firstStep > 1
      ? ` The sender’s losses begin at step ${firstStep}: a run that was forked from another one there does not come of its experiment alone.`
      : '';
  return `${until}; ${from}. ${elsewhere}.${begins}`;
}

function partingOf(exact: readonly ExactLoss[], { training, validation }: Receipt['quantised']) {
  const first = exact.findIndex(({ isSame }) => !isSame);
  const differences = [exact[first]?.step, training.firstBeyond, validation.firstBeyond];
  const firstDifferent = Math.min(...differences.map((step) => step ?? Infinity));
  const same = exact.filter(
    ({ step, isSame }, i) => isSame && (first < 0 || i < first) && step < firstDifferent,
  );
  return {
    lastSame: same.at(-1)?.step ?? null,
    firstDifferent: Number.isFinite(firstDifferent) ? firstDifferent : null,
  };
}

/**
 * Compares a run with the results that a link told of: bit by bit at the fixed steps and by the digest
 * of all, within the quantisation elsewhere.
 */
export function receiptOf(sender: RunDigest, reproduced: Reproduced): Receipt {
  const { training, validation } = comparable(sender, reproduced.curves);
  const digest = digestOf(training, validation);
  const exact = exactLosses(sender, training);
  const quantised = {
    training: checkCurve(sender.training, training),
    validation: checkCurve(sender.validation, validation),
  };
  const n = training.values.length;
  const isWhole =
    n > 0 &&
    stepAt(training, 0) === sender.firstStep &&
    stepAt(training, n - 1) === sender.lastStep;
  const beyond = quantised.training.beyond + quantised.validation.beyond;
  const isSame =
    isWhole && digest === sender.digest && beyond === 0 && exact.every(({ isSame }) => isSame);
  const parting = isSame ? null : partingOf(exact, quantised);
  const found = { parting, exact, quantised };
  return {
    format: FORMAT,
    version: RECEIPT_VERSION,
    verdict: isSame ? 'identical' : 'parts',
    says: sentences(sender, found),
    run: {
      name: sender.name,
      link: reproduced.link,
      firstStep: sender.firstStep,
      lastStep: sender.lastStep,
    },
    sender: { version: sender.version, adapter: sender.adapter, digest: sender.digest },
    here: {
      version: reproduced.version,
      adapter: reproduced.adapter,
      digest,
      at: reproduced.at.toISOString(),
    },
    ...found,
  };
}
