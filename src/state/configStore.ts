import { createStore, type StoreApi } from 'zustand/vanilla';
import { DEFAULTS_V1 } from '../config/defaults.ts';
import { applyChange, changedPaths, experimentAtStep, getPath } from '../config/edit.ts';
import type { Change, Experiment, JsonValue, Problem } from '../config/experiment.ts';
import { settingAt } from '../config/schema.ts';
import type { OwnText } from '../worker/api.ts';

/** Edits that can be undone. */
export const MAX_UNDO = 100;

export interface ConfigValues {
  /** What the form shows: the running experiment's values in force, and edits on top. */
  experiment: Experiment;
  /** The open run's experiment with its events so far; null before the first run. */
  running: Experiment | null;
  past: readonly Experiment[];
  future: readonly Experiment[];
  /** What was wrong with the link or file that the experiment came from. */
  problems: readonly Problem[];
  /** Whether the person has agreed to start in spite of `problems`. */
  accepted: boolean;
  own: OwnText | null;
  /** Messages of values that were refused, by path. */
  refused: Readonly<Record<string, string>>;
}

export interface ConfigState extends ConfigValues {
  set(values: Partial<ConfigValues>): void;
  /** A new experiment from a link, file or preset. */
  load(experiment: Experiment, problems: readonly Problem[]): void;
  /** Replaces the form's experiment; one step of undo. */
  edit(change: Change): void;
  /** Takes values that came from the run itself; no step of undo. */
  follow(change: Change): void;
  /** Takes values that the run now has into the undo steps too: undoing other edits leaves them. */
  adopt(change: Change): void;
  undo(): void;
  redo(): void;
}

/** The text's hash is only true of the text settings that it was computed from. */
function withoutStaleHash(experiment: Experiment, change: Change): Experiment {
  const touchesText = Object.keys(change).some((path) => path.startsWith('data.'));
  return touchesText && !('data.hash' in change)
    ? applyChange(experiment, { 'data.hash': null })
    : experiment;
}

/** Paths in which the form differs from what runs at a step: edits that wait for a new model. */
export function pendingPaths(
  config: Pick<ConfigValues, 'experiment' | 'running'>,
  step: number,
): string[] {
  if (config.running === null) return [];
  return changedPaths(experimentAtStep(config.running, step + 1), config.experiment).filter(
    (path) => settingAt(path)?.control.type !== 'none',
  );
}

/** Values of some paths, null for absent ones: what `applyChange` takes. */
export function changeOf(experiment: Experiment, paths: readonly string[]): Change {
  const values: Record<string, JsonValue> = {};
  for (const path of paths) values[path] = getPath(experiment, path) ?? null;
  return values;
}

/** The experiment that links and files hold: the open run's, or what the form shows. */
export function experimentToShare(config: ConfigValues): Experiment {
  return config.running ?? config.experiment;
}

export type ConfigStore = StoreApi<ConfigState>;

export function createConfigStore(experiment: Experiment = DEFAULTS_V1): ConfigStore {
  return createStore<ConfigState>()((set, get) => ({
    experiment,
    running: null,
    past: [],
    future: [],
    problems: [],
    accepted: false,
    own: null,
    refused: {},
    set,
    load(next, problems) {
      const { experiment, past } = get();
      set({
        experiment: next,
        problems,
        accepted: false,
        past: [...past, experiment].slice(-MAX_UNDO),
        future: [],
        refused: {},
      });
    },
    edit(change) {
      const { experiment, past } = get();
      const next = withoutStaleHash(applyChange(experiment, change), change);
      set({ experiment: next, past: [...past, experiment].slice(-MAX_UNDO), future: [] });
    },
    follow(change) {
      set({ experiment: applyChange(get().experiment, change) });
    },
    adopt(change) {
      const { experiment, past, future } = get();
      const adopted = (e: Experiment) => applyChange(e, change);
      set({
        experiment: adopted(experiment),
        past: past.map(adopted),
        future: future.map(adopted),
      });
    },
    undo() {
      const { experiment, past, future } = get();
      const previous = past.at(-1);
      if (previous === undefined) return;
      set({ experiment: previous, past: past.slice(0, -1), future: [experiment, ...future] });
    },
    redo() {
      const { experiment, past, future } = get();
      const next = future[0];
      if (next === undefined) return;
      set({ experiment: next, past: [...past, experiment], future: future.slice(1) });
    },
  }));
}
