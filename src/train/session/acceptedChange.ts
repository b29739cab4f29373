/** What a running model takes of a change; loaded when training begins. */
import { checkChange, checkRecorded } from '../../config/constraints.ts';
import { actsWithoutSteps, experimentAtStep, fixedPaths } from '../../config/edit.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import { MAX_EVENTS, parseChange } from '../../config/parse.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode, errorMessage, switchyardError } from './errors.ts';
import type { Emit } from './events.ts';
import type { LiveSettings } from './liveSettings.ts';
import type { TrainingLoop } from './trainingLoop.ts';

/**
 * The change as it may be recorded under the settings in force.
 * @throws ConfigInvalid naming the path that is not live, the value out of range or the broken rule
 */
export function acceptedChange(settings: Experiment, change: Change): Change {
  const fixed = fixedPaths(change);
  if (fixed.length > 0)
    throw switchyardError(
      'ConfigInvalid',
      `${fixed.join(', ')} cannot change while a model runs; fork the run to go on with it.`,
    );
  const parsed = parseChange(change);
  const problems = [...parsed.problems, ...checkChange(settings, parsed.change)];
  if (problems.length > 0) {
    const messages = problems.map(({ path, message }) => `${path}: ${message}`);
    throw switchyardError('ConfigInvalid', messages.join('; '));
  }
  return parsed.change;
}

/**
 * @param last last step of the run, with the change or without it
 * @throws ConfigInvalid for a change that can never act, which a link would hold and never replay
 */
export function checkInTime(step: number, last: number, change: Change): void {
  if (step <= last || Object.keys(change).some(actsWithoutSteps)) return;
  const message = `Step ${last} was the last of the run: what changes training alone can act no more. A new model can have it.`;
  throw switchyardError('ConfigInvalid', message);
}

/**
 * @param recorded the experiment with one more change before `step`
 * @throws ConfigInvalid where an event still to come breaks a rule by it, or no reader takes so many
 */
function checkEvents(before: Experiment, recorded: Experiment, step: number): void {
  const { events } = recorded;
  if (events.length > MAX_EVENTS) {
    const message = `The run has ${MAX_EVENTS} changes at steps of their own; an experiment holds no more. A fork of it can have others.`;
    throw switchyardError('ConfigInvalid', message);
  }
  if (!events.some(([at]) => at > step)) return;
  const [problem] = checkRecorded(before, recorded);
  if (problem !== undefined) throw switchyardError('ConfigInvalid', problem.message);
}

/** What a change is made to, while no step is unfinished. */
export interface Changing {
  run: EngineRun;
  settings: LiveSettings;
  loop: TrainingLoop;
}

/**
 * Makes a change before the next step and records it as an event; returns that step.
 * @throws as `Session.change`
 */
export async function takeChange(
  { run, settings, loop }: Changing,
  change: Change,
  emit: Emit,
): Promise<number> {
  const step = run.engine.step + 1;
  const before = settings.at(step);
  const accepted = acceptedChange(before, change);
  const experiment = settings.with(step, accepted);
  checkEvents(settings.experiment, experiment, step);
  const after = experimentAtStep(experiment, step);
  checkInTime(step, Math.max(loop.lastStep(step), loop.lastStep(step, after)), accepted);
  await run.use(before, step);
  try {
    await run.use(after, step);
  } catch (error) {
    if (errorCode(error) !== null) throw error;
    await run.use(before, step);
    throw switchyardError('ConfigInvalid', errorMessage(error), error);
  }
  settings.record(experiment);
  emit({ type: 'changed', step, change: accepted, experiment });
  if (loop.state === 'finished' && step <= loop.lastStep(step)) loop.setState('paused');
  return step;
}
