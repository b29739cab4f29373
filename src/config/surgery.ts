/**
 * Surgery: a change of the expert space of a model that trains. The change carries the new expert
 * space (`experts.slots`, `experts.perLayer`) and under `surgery` what every new slot derives from,
 * so that a link says all there is to do. What happens to the parameters: docs/model.md, "Surgery".
 */
import type { Change, Experiment, ExpertsConfig } from './experiment.ts';
import { slotsOfLayer } from './layers.ts';
import { isRecord, ownValue } from './paths.ts';
import { MAX_LAYERS, MAX_SLOTS } from './settings.ts';

/** Old slot of every new slot, null for a fresh one [R of the new list]. */
export type Provenance = readonly (number | null)[];

/**
 * `from`: provenance by list, "default" for `experts.slots` and layer indices; a list that is left
 * out keeps its slots. `undo`: takes back what the n-th last surgery did (1: the last one).
 */
export type Surgery =
  | { readonly from: Readonly<Record<string, Provenance>> }
  | { readonly undo: number };

/** Edits and surgeries back to which one can go: tensors that were removed before are forgotten. */
export const MAX_UNDO = 100;

const EDITED_PATHS: readonly string[] = ['surgery', 'experts.slots', 'experts.perLayer'];

const listName = /^(default|0|[1-9]\d{0,2})$/;

function isListName(name: string): boolean {
  return listName.test(name) && (name === 'default' || Number(name) < MAX_LAYERS);
}

type Checked<T> = { ok: true; value: T } | { ok: false; message: string };

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max;

/** What is wrong with the provenance of one list; null where nothing is. */
function provenanceProblem(name: string, list: unknown): string | null {
  if (!isListName(name)) return `provenance is named "default" or by a layer below ${MAX_LAYERS}`;
  if (!Array.isArray(list)) return 'provenance is a list of old slots';
  if (list.length < 1 || list.length > MAX_SLOTS) return `provenance has 1 to ${MAX_SLOTS} slots`;
  const areSlots = list.every((old: unknown) => old === null || isWhole(old, 0, MAX_SLOTS - 1));
  return areSlots ? null : `a source is a slot from 0 to ${MAX_SLOTS - 1}, or null for a fresh one`;
}

/** Reads the value of `surgery` in a change; what it gives is a copy. */
export function checkSurgery(value: unknown): Checked<Surgery> {
  const [key, ...rest] = isRecord(value) ? Object.keys(value) : [];
  const refused = (message: string) => ({ ok: false, message }) as const;
  if ((key !== 'from' && key !== 'undo') || rest.length > 0)
    return refused('surgery is an object with either "from" or "undo"');
  const given = ownValue(value, key);
  if (key === 'undo')
    return isWhole(given, 1, MAX_UNDO)
      ? { ok: true, value: { undo: given } }
      : refused(`undo is a whole number from 1 to ${MAX_UNDO}`);
  if (!isRecord(given)) return refused('"from" is an object with the provenance of lists of slots');
  const lists = Object.entries(given);
  const [problem] = lists.flatMap(([name, list]) => provenanceProblem(name, list) ?? []);
  if (problem !== undefined) return refused(problem);
  // Every list was looked at.
  const from = Object.fromEntries(lists.map(([name, list]) => [name, [...(list as Provenance)]]));
  return { ok: true, value: { from } };
}

/** The surgery of a change, null for any other change. */
export function surgeryOf(change: Change): Surgery | null {
  const value = Object.hasOwn(change, 'surgery') ? change.surgery : undefined;
  if (value === undefined) return null;
  const checked = checkSurgery(value);
  return checked.ok ? checked.value : null;
}

/** Steps before which an experiment's events change the expert space. */
export function surgerySteps({ events }: Pick<Experiment, 'events'>): number[] {
  return events.flatMap(([step, change]) => (surgeryOf(change) === null ? [] : step));
}

/** Whether a path may change in a running model because the change is a surgery. */
export function isSurgical(path: string, change: object): boolean {
  return EDITED_PATHS.includes(path) && Object.hasOwn(change, 'surgery');
}

function hasOwnList(experts: ExpertsConfig, l: number): boolean {
  return experts.perLayer !== undefined && Object.hasOwn(experts.perLayer, String(l));
}

/**
 * The old slot of every slot of layer l after a surgery.
 * @throws RangeError where the provenance does not fit the two lists
 */
export function slotSources(
  before: ExpertsConfig,
  after: ExpertsConfig,
  from: Readonly<Record<string, Provenance>>,
  l: number,
): Provenance {
  const slots = slotsOfLayer(after, l);
  const oldR = slotsOfLayer(before, l).length;
  const given = (name: string) => (Object.hasOwn(from, name) ? from[name] : undefined);
  const sources =
    given(String(l)) ??
    (hasOwnList(after, l) ? undefined : given('default')) ??
    Array.from({ length: oldR }, (_, r) => r);
  if (sources.length !== slots.length)
    throw new RangeError(
      `layer ${l} gets ${slots.length} slots, but the provenance names ${sources.length}`,
    );
  const wrong = sources.findIndex((old) => old !== null && (old < 0 || old >= oldR));
  if (wrong >= 0)
    throw new RangeError(
      `slot ${wrong} of layer ${l} derives from slot ${sources[wrong]}; there are 0 to ${oldR - 1}`,
    );
  return sources;
}
