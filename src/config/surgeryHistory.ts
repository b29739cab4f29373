/** The surgeries among an experiment's events: whether they fit, and what undo and redo mean. */
import { moeLayers } from './conditions.ts';
import { applyChange } from './edit.ts';
import type { Change, Experiment, ExpertsConfig } from './experiment.ts';
import { MAX_UNDO, type Surgery, slotSources, surgeryOf } from './surgery.ts';
import { spaceChange } from './surgeryPlan.ts';

/** A surgery among the events of an experiment. */
export interface SurgeryEvent {
  /** The surgery comes before this step. */
  step: number;
  /** 1 for the first surgery of the run, and so on: names the random draws. */
  number: number;
  surgery: Surgery;
  /** Expert space before and after. */
  before: ExpertsConfig;
  after: ExpertsConfig;
  /** Settings once the surgery is done; `events` are all of the experiment's. */
  settings: Experiment;
}

/** All surgeries before or at a step, in order. */
export function surgeryEvents(
  experiment: Experiment,
  step = Number.POSITIVE_INFINITY,
): SurgeryEvent[] {
  let now = experiment;
  const found: SurgeryEvent[] = [];
  for (const [at, change] of experiment.events) {
    if (at > step) continue;
    const before = now.experts;
    now = applyChange(now, change);
    const surgery = surgeryOf(change);
    if (surgery === null) continue;
    const number = found.length + 1;
    found.push({ step: at, number, surgery, before, after: now.experts, settings: now });
  }
  return found;
}

/**
 * Settings under which a state after `step` steps and `surgeries` surgeries stands: the events of
 * the step to come are in force up to the first surgery that is still to be done.
 */
export function settingsOfState(
  experiment: Experiment,
  step: number,
  surgeries: number,
): Experiment {
  let now = experiment;
  let done = 0;
  for (const [at, change] of experiment.events) {
    if (at > step + 1) continue;
    if (surgeryOf(change) !== null && ++done > surgeries) break;
    now = applyChange(now, change);
  }
  return now;
}

/** Surgeries that can be undone and done again, the latest last; an undone one is named by its undo. */
interface Stacks {
  undo: SurgeryEvent[];
  redo: SurgeryEvent[];
}

/** What is wrong with a surgery; null where it fits. Changes the stacks as the surgery does. */
function follow(stacks: Stacks, event: SurgeryEvent): string | null {
  const { surgery, before, after, number, settings } = event;
  if ('from' in surgery) {
    stacks.undo.push(event);
    stacks.redo.length = 0;
    try {
      for (const l of moeLayers(settings)) slotSources(before, after, surgery.from, l);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return null;
  }
  const target = number - surgery.undo;
  const isUndo = stacks.undo.at(-1)?.number === target;
  const undone = (isUndo ? stacks.undo : stacks.redo).at(-1);
  if (undone === undefined || undone.number !== target)
    return `it would undo surgery ${target}, which is not the last that can be undone`;
  (isUndo ? stacks.undo : stacks.redo).pop();
  (isUndo ? stacks.redo : stacks.undo).push(event);
  return Object.keys(spaceChange(undone.before, after)).length === 0
    ? null
    : `it undoes surgery ${target}, but its expert space is not the one before that`;
}

/** A sentence for every surgery that does not fit what was there before it. */
export function surgeryProblems(experiment: Experiment): string[] {
  const stacks: Stacks = { undo: [], redo: [] };
  return surgeryEvents(experiment).flatMap((event) => {
    const problem = follow(stacks, event);
    return problem === null ? [] : [`surgery at step ${event.step}: ${problem}`];
  });
}

function inverseChange(experiment: Experiment, step: number, which: keyof Stacks): Change | null {
  const stacks: Stacks = { undo: [], redo: [] };
  const events = surgeryEvents(experiment, step);
  for (const event of events) follow(stacks, event);
  const target = stacks[which].at(-1);
  const now = events.at(-1)?.after;
  if (target === undefined || now === undefined) return null;
  const undo = events.length + 1 - target.number;
  return undo > MAX_UNDO ? null : { ...spaceChange(now, target.before), surgery: { undo } };
}

/**
 * The change that takes back the last surgery before the step to come that is not taken back; null
 * where there is none. What it brings back are the tensors as they were removed.
 */
export function undoChange(experiment: Experiment, step: number): Change | null {
  return inverseChange(experiment, step, 'undo');
}

/** The change that takes back the last undo; null after anything but an undo. */
export function redoChange(experiment: Experiment, step: number): Change | null {
  return inverseChange(experiment, step, 'redo');
}
