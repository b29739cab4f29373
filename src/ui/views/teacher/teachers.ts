/** Who can be a teacher: dense models whose parameters are there. */
import { moeLayers } from '../../../config/conditions.ts';
import type { Experiment } from '../../../config/experiment.ts';
import { PRESETS } from '../../../config/presets.ts';
import type { RunRow } from '../../../runs/record.ts';
import type { TeacherChoice } from '../../../worker/api.ts';

export const isDense = (experiment: Experiment): boolean => moeLayers(experiment).length === 0;

/** Runs of the library that can be converted, latest first. */
export function denseRuns(rows: readonly RunRow[]): RunRow[] {
  return rows.filter(
    ({ experiment, checkpoints }) =>
      experiment !== null && isDense(experiment) && checkpoints.length > 0,
  );
}

/** Presets that a teacher can be trained from. */
export const TEACHER_PRESETS = PRESETS.filter(
  ({ paper, experiment }) => paper === 'LaDiMo' && isDense(experiment),
);

/** Values of the list of teachers. */
export const LIVE = 'live';
export const FILE = 'file';

export function choiceValue(teacher: TeacherChoice | null): string {
  if (teacher === null) return '';
  if (teacher === 'live') return LIVE;
  return 'run' in teacher ? teacher.run : FILE;
}

export function choiceOf(value: string): TeacherChoice | null {
  if (value === LIVE) return 'live';
  return value === '' || value === FILE ? null : { run: value, step: null };
}

/** The teacher to begin with: the open run where it was trained, else the latest of the library. */
export function firstTeacher(
  isLiveTrained: boolean,
  runs: readonly RunRow[],
): TeacherChoice | null {
  if (isLiveTrained) return 'live';
  const [latest] = runs;
  return latest === undefined ? null : { run: latest.id, step: null };
}

/** Settings of a teacher, as far as the page knows them: those of a file the plan tells. */
export function experimentOf(
  teacher: TeacherChoice | null,
  running: Experiment | null,
  rows: readonly RunRow[],
): Experiment | null {
  if (teacher === null) return null;
  if (teacher === 'live') return running;
  if ('experiment' in teacher) return teacher.experiment;
  return 'run' in teacher ? (rows.find(({ id }) => id === teacher.run)?.experiment ?? null) : null;
}
