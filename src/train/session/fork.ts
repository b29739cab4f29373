/** A run of its own that starts where another one stands. */
import { checkConstraints } from '../../config/constraints.ts';
import { applyChange, engineConfig } from '../../config/edit.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import { settingAt } from '../../config/schema.ts';
import { checkValue } from '../../config/values.ts';
import type { EngineState } from '../engine/engine.ts';
import { modelSignature } from '../engine/engineShape.ts';
import type { Checkpoint } from './checkpoint.ts';
import { switchyardError } from './errors.ts';
import { initialState, withCounts } from './modelState.ts';

/** Settings whose change means another text, so that its hash and size are no longer known. */
const OF_THE_TEXT = /^(data|tokenizer)\./;

function changed(now: Experiment, change: Change): Experiment {
  const messages = Object.entries(change).flatMap(([path, value]) => {
    const setting = settingAt(path);
    if (setting === undefined) return [`"${path}" is not a setting`];
    const checked = checkValue(setting, value);
    return checked.ok ? [] : [checked.message];
  });
  if (messages.length > 0) throw switchyardError('ConfigInvalid', messages.join('; '));
  const next = applyChange(now, change);
  const broken = checkConstraints(next).filter(({ severity }) => severity === 'error');
  if (broken.length > 0)
    throw switchyardError('ConfigInvalid', broken.map(({ message }) => message).join('; '));
  const isOtherText = Object.keys(change).some((path) => OF_THE_TEXT.test(path));
  return isOtherText ? { ...next, data: { ...next.data, hash: null } } : next;
}

/**
 * The checkpoint from which a run goes on under changed settings: with the state where every
 * parameter keeps name and shape, else from the start of the new model.
 * @param now settings in force, without events, with the size of the vocabulary
 * @throws ConfigInvalid for a value out of range, or a broken rule
 */
export function forked(now: Experiment, change: Change, state: EngineState): Checkpoint {
  const experiment = changed(now, change);
  const vocabulary = now.model.V ?? 0;
  const next = engineConfig(experiment, experiment.model.V ?? vocabulary);
  if (modelSignature(next) === modelSignature(engineConfig(now, vocabulary))) {
    const { surgeries: _, ...kept } = state;
    return { experiment, state: withCounts(kept, now, experiment) };
  }
  return { experiment, state: initialState(next, experiment.initStd, experiment.seeds.init) };
}
