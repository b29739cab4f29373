import { SCALARS, type ScalarName } from '../config/telemetry.ts';
import type { Columns, Curves } from './keptRuns.ts';

/** Most steps that a file may reach; a column of them takes 40 MB. */
const MAX_STEP = 10_000_000;
/** Other names of columns: ours in the loss chart's export, and what training scripts write. */
const ALIASES: ReadonlyMap<string, ScalarName> = new Map([
  ['train', 'ce'],
  ['loss', 'ce'],
  ['train_loss', 'ce'],
  ['grad_norm', 'gradNorm'],
  ['learning_rate', 'lr'],
]);
const VALIDATION = new Set(['validation', 'val', 'val_loss', 'valid_loss']);

function scalarOf(title: string): ScalarName | null {
  return ALIASES.get(title) ?? SCALARS.find((name) => name === title) ?? null;
}

function stepOf(text: string | undefined, line: number): number {
  const step = Number(text);
  if (text?.trim() && Number.isInteger(step) && step >= 0 && step <= MAX_STEP) return step;
  throw new RangeError(
    `line ${line}: step '${text ?? ''}' is not a whole number from 0 to ${MAX_STEP}`,
  );
}

/** A cell's number; NaN for an empty cell. @throws RangeError for any other text */
function numberOf(text: string | undefined, title: string, line: number): number {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '' || /^nan$/i.test(trimmed)) return Number.NaN;
  const value = Number(trimmed);
  if (Number.isNaN(value))
    throw new RangeError(`line ${line}: ${title} '${trimmed}' is not a number`);
  return value;
}

function boundsOf(steps: readonly number[]): readonly [least: number, greatest: number] {
  let [least, greatest] = [MAX_STEP, 0];
  for (const step of steps) {
    least = Math.min(least, step);
    greatest = Math.max(greatest, step);
  }
  return [least, greatest];
}

/**
 * Curves of a CSV file with a header line: `step`, and any of the scalars' names, `train` or `loss`
 * for the cross entropy, and `validation`, whose cells may be empty. Other columns are passed over.
 * Lines may come in any order and leave steps out.
 *
 * @throws RangeError for a file without these columns, and for cells that are not numbers
 */
export function curvesOfCsv(text: string): Curves {
  const [header = '', ...rows] = text.trim().split(/\r?\n/);
  const titles = header.split(',').map((title) => title.trim().replaceAll('"', ''));
  const stepAt = titles.indexOf('step');
  const scalars = titles.map(scalarOf);
  if (stepAt < 0 || !scalars.includes('ce'))
    throw new RangeError(
      `its columns are ${titles.slice(0, 8).join(', ')}; it needs step, and train, loss or ce`,
    );
  if (rows.length === 0) throw new RangeError('it has a header but no lines');
  const cells = rows.map((row) => row.split(','));
  const steps = cells.map((row, i) => stepOf(row[stepAt], i + 2));
  const [firstStep, lastStep] = boundsOf(steps);
  const columns: Columns = {};
  const validation: { step: number; ce: number }[] = [];
  for (const [c, title] of titles.entries()) {
    const scalar = scalars[c];
    if (scalar) {
      const values = new Float32Array(lastStep - firstStep + 1).fill(Number.NaN);
      cells.forEach((row, i) => {
        values[steps[i]! - firstStep] = numberOf(row[c], title, i + 2);
      });
      columns[scalar] = values;
    } else if (VALIDATION.has(title)) {
      cells.forEach((row, i) => {
        const ce = numberOf(row[c], title, i + 2);
        if (Number.isFinite(ce)) validation.push({ step: steps[i]!, ce });
      });
    }
  }
  validation.sort((a, b) => a.step - b.step);
  return { firstStep, columns, validation };
}
