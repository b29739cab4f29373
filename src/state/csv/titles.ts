import { SCALARS } from '../../train/telemetry.ts';
import type { Quantity } from '../keptRuns.ts';

/** A column that is read: what it holds, and of which run of the file. */
export interface Column {
  /** Index of its cells. */
  at: number;
  title: string;
  /** Name of the run, null where the file is one run's. */
  run: string | null;
  quantity: Quantity;
}

export interface Layout {
  /** Index of the column of steps. */
  stepAt: number;
  columns: Column[];
}

/** Titles of steps, in the order in which one is chosen. */
const STEP_TITLES = ['step', '_step', 'global_step', 'trainer_global_step', 'steps', 'iteration'];

/** Titles of quantities as training programs write them, in the order in which one is chosen. */
const TITLES: Readonly<Partial<Record<Quantity, readonly string[]>>> = {
  ce: [
    'ce',
    'train',
    'loss',
    'train_loss',
    'train_loss_step',
    'training_loss',
    'train_ce',
    'loss_train',
    'train_loss_epoch',
    'value',
  ],
  validation: [
    'validation',
    'val',
    'val_loss',
    'valid_loss',
    'validation_loss',
    'eval_loss',
    'val_ce',
    'loss_val',
    'val_loss_epoch',
    'test_loss',
  ],
  gradNorm: ['grad_norm', 'gradient_norm', 'train_grad_norm'],
  lr: ['learning_rate', 'train_lr', 'train_learning_rate'],
  tokens: ['tokens', 'num_tokens', 'tokens_seen', 'total_tokens', 'train_tokens'],
};

/** Place of a title in its quantity's list: the lowest is chosen. */
const RANKS: ReadonlyMap<string, readonly [Quantity, number]> = new Map([
  ...SCALARS.map((name) => [name.toLowerCase(), [name, 0] as const] as const),
  ...Object.entries(TITLES).flatMap(([quantity, titles]) =>
    titles.map((title, rank) => [title, [quantity as Quantity, rank] as const] as const),
  ),
]);

/** `Train/Loss` and `train loss` are `train_loss`. */
function plain(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[\s/.-]+/g, '_');
}

export function stepColumn(titles: readonly string[]): number {
  const names = titles.map(plain);
  return STEP_TITLES.map((title) => names.indexOf(title)).find((at) => at >= 0) ?? -1;
}

/** Run and quantity of a title: "loss", or "my run - train/loss". */
function meaningOf(title: string): { run: string | null; quantity: Quantity; rank: number } | null {
  const whole = RANKS.get(plain(title));
  if (whole !== undefined) return { run: null, quantity: whole[0], rank: whole[1] };
  const [, run = '', name = ''] = /^([\s\S]+) - (.+)$/.exec(title.trim()) ?? [];
  const own = RANKS.get(plain(name));
  return own === undefined ? null : { run: run.trim(), quantity: own[0], rank: own[1] };
}

/** What TensorBoard's `Value` holds, by the tag in the file's name; the training loss by default. */
function quantityOfTag(file: string): Quantity {
  const [, tag = ''] = /-tag-(.+?)(\.csv)?$/i.exec(file) ?? [];
  return RANKS.get(plain(tag))?.[0] ?? 'ce';
}

function refuse(titles: readonly string[]): never {
  const shown = titles.slice(0, 8).map((title) => title.trim());
  throw new RangeError(
    `line 1: its columns are ${shown.join(', ')}; it needs step, and train, loss, ce or validation`,
  );
}

/**
 * Which columns of a file are read.
 * @param file its name
 * @throws RangeError without a column of steps and one of values, and for two columns of one title
 */
export function layoutOf(titles: readonly string[], file: string): Layout {
  const stepAt = stepColumn(titles);
  const chosen = new Map<string, Column & { rank: number }>();
  for (const [at, title] of titles.entries()) {
    const meaning = at === stepAt ? null : meaningOf(title);
    if (meaning === null) continue;
    if (plain(title) === 'value') meaning.quantity = quantityOfTag(file);
    const key = JSON.stringify([meaning.run, meaning.quantity]);
    const other = chosen.get(key);
    if (other !== undefined && other.title.trim() === title.trim())
      throw new RangeError(`line 1: two columns are called ${title.trim()}`);
    if (other === undefined || meaning.rank < other.rank)
      chosen.set(key, { at, title: title.trim(), ...meaning });
  }
  const columns = [...chosen.values()];
  if (stepAt < 0 || columns.every(({ quantity }) => quantity === 'tokens')) refuse(titles);
  return { stepAt, columns };
}
