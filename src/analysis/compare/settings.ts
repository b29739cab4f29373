/** In which settings runs differ: from the defaults, and from each other. */
import { encodeValue } from '../../config/codec.ts';
import { DEFAULTS_V1 } from '../../config/defaults.ts';
import { changedPaths, sameValue } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { getPath } from '../../config/paths.ts';
import { encodeLink } from '../../config/permalink.ts';
import { SETTINGS, settingAt } from '../../config/schema.ts';
import type { Setting } from '../../config/settings.ts';
import type { RunRow } from '../../runs/record.ts';

/** Settings that a person sets; the text's hash and the list of events are written by the program. */
export const OWN_SETTINGS: readonly Setting[] = SETTINGS.filter(
  ({ control }) => control.type !== 'none',
);
const OWN = new Set(OWN_SETTINGS.map(({ path }) => path));

/** A setting's value as text; a number stays one, so that it can be sorted by. */
export function settingValue(experiment: Experiment, setting: Setting): string | number | null {
  const value = getPath(experiment, setting.path) ?? null;
  return typeof value === 'number' || value === null ? value : encodeValue(setting, value);
}

const fromDefaults = new WeakMap<Experiment, readonly string[]>();

/** Paths of a run's settings that are not the defaults, in schema order. */
export function changedFromDefaults({ experiment }: RunRow): readonly string[] {
  if (experiment === null) return [];
  const known = fromDefaults.get(experiment);
  if (known !== undefined) return known;
  const paths = changedPaths(DEFAULTS_V1, experiment).filter((path) => OWN.has(path));
  fromDefaults.set(experiment, paths);
  return paths;
}

/** Paths of the settings in which any two of some runs differ, in schema order. */
export function differingPaths(rows: readonly Pick<RunRow, 'experiment'>[]): string[] {
  const experiments = rows.flatMap(({ experiment }) => experiment ?? []);
  const [first, ...others] = experiments;
  if (first === undefined) return [];
  const differing = new Set(others.flatMap((other) => changedPaths(first, other)));
  return OWN_SETTINGS.map(({ path }) => path).filter((path) => differing.has(path));
}

/** A group of runs that have one value of a setting. */
export interface SettingGroup<T> {
  /** Value as text; null for runs of no experiment. */
  value: string | number | null;
  runs: readonly T[];
}

/** Runs by the value of a setting, groups in the order of their values. */
export function groupedBy<T extends { row: RunRow }>(
  runs: readonly T[],
  path: string,
): SettingGroup<T>[] {
  const setting = settingAt(path);
  if (setting === undefined) throw new RangeError(`"${path}" is not a setting`);
  const groups = new Map<string | number | null, T[]>();
  for (const run of runs) {
    const { experiment } = run.row;
    const value = experiment === null ? null : (settingValue(experiment, setting) ?? 'none');
    groups.set(value, [...(groups.get(value) ?? []), run]);
  }
  return [...groups]
    .map(([value, runs]) => ({ value, runs }))
    .sort((a, b) => compareValues(a.value, b.value));
}

/** Order of two values: numbers before texts, what is missing last. */
export function compareValues(a: string | number | null, b: string | number | null): number {
  const rank = (value: string | number | null) =>
    value === null || Number.isNaN(value) ? 2 : typeof value === 'number' ? 0 : 1;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === 'number' && typeof b === 'number') return a - b || 0;
  return rank(a) === 2 ? 0 : String(a).localeCompare(String(b), 'en', { numeric: true });
}

const seedless = new WeakMap<Experiment, string>();

/** The same text for runs that differ in nothing but their seeds. */
function seedlessKey(experiment: Experiment): string {
  const known = seedless.get(experiment);
  if (known !== undefined) return known;
  const key = encodeLink({ ...experiment, seeds: DEFAULTS_V1.seeds });
  seedless.set(experiment, key);
  return key;
}

/**
 * Runs of one experiment but for their seeds together, in the order of the first of each. A run that has
 * another one's seeds too says nothing of their spread and stands by itself; what goes on from a model
 * stands with what goes on from the same one.
 */
export function foldedBySeed<T extends { row: RunRow }>(runs: readonly T[]): T[][] {
  const folds = new Map<string, T[]>();
  for (const run of runs) {
    const { id, experiment, parent } = run.row;
    const from = parent === null ? '' : ` from ${parent.id} ${parent.step}`;
    const key = experiment === null ? id : seedlessKey(experiment) + from;
    const isAgain = (fold: readonly T[] = []) =>
      fold.some(({ row }) => sameValue(row.experiment?.seeds, experiment?.seeds));
    let own = key;
    for (let i = 2; isAgain(folds.get(own)); i++) own = `${key} ${i}`;
    folds.set(own, [...(folds.get(own) ?? []), run]);
  }
  return [...folds.values()];
}
