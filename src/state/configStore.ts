import { createStore, type StoreApi } from 'zustand/vanilla';
import { DEFAULTS_V1 } from '../config/defaults.ts';
import { applyChange, changedPaths, getPath, settingsInForce } from '../config/edit.ts';
import type { Change, Experiment, JsonValue, Problem } from '../config/experiment.ts';
import { settingAt } from '../config/schema.ts';
import type { OwnText } from '../worker/api.ts';

export interface ConfigValues {
  /** What the form shows: the running experiment's values in force, and edits on top. */
  experiment: Experiment;
  /** The open run's experiment with its events so far; null before the first run. */
  running: Experiment | null;
  /** Live changes that the trainer was sent and has not answered yet, in order. */
  sent: readonly Change[];
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
  /** Takes what a person set. */
  edit(change: Change): void;
  /** Takes values that came from the run itself. */
  follow(change: Change): void;
}

type PendingValues = Pick<ConfigValues, 'experiment' | 'running'> &
  Partial<Pick<ConfigValues, 'sent'>>;

/** The text's hash is only true of the text settings that it was computed from. */
function withoutStaleHash(experiment: Experiment, change: Change): Experiment {
  const touchesText = Object.keys(change).some((path) => path.startsWith('data.'));
  return touchesText && !('data.hash' in change)
    ? applyChange(experiment, { 'data.hash': null })
    : experiment;
}

/** Settings in force as they will be once the trainer has taken what it was sent. */
export function withSent(inForce: Experiment, sent: readonly Change[]): Experiment {
  return sent.reduce((now, change) => applyChange(now, change), inForce);
}

/** Paths in which the form differs from what runs after `step` steps: edits that wait for a new model. */
export function pendingPaths(
  { experiment, running, sent = [] }: PendingValues,
  step: number,
): string[] {
  if (running === null) return [];
  return changedPaths(withSent(settingsInForce(running, step), sent), experiment).filter(
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
    sent: [],
    problems: [],
    accepted: false,
    own: null,
    refused: {},
    set,
    load(experiment, problems) {
      set({ experiment, problems, accepted: false, refused: {} });
    },
    edit(change) {
      set({ experiment: withoutStaleHash(applyChange(get().experiment, change), change) });
    },
    follow(change) {
      set({ experiment: applyChange(get().experiment, change) });
    },
  }));
}
