/** Presets as the form offers them. */
import type { Experiment } from '../../config/experiment.ts';
import { counted } from '../../config/plural.ts';
import { PRESETS } from '../../config/presets.ts';
import { changeOf } from '../../state/configStore.ts';
import type { Lab } from '../../state/lab.ts';
import { type Choice, DEFAULT_CHOICE, difference } from './choice.ts';

export const CHOICES: readonly Choice[] = [DEFAULT_CHOICE, ...PRESETS];

/** The preset that an experiment is, if any. */
export function choiceOf(experiment: Experiment): Choice | undefined {
  return CHOICES.find((preset) => difference(experiment, preset.experiment).length === 0);
}

/** Puts a preset into the form, and says how much changed. */
export function choosePreset({ commands, config, view }: Lab, preset: Choice): void {
  const paths = difference(config.getState().experiment, preset.experiment);
  commands.stage(changeOf(preset.experiment, paths));
  view.getState().say(`${preset.title}: ${counted(paths.length, 'setting')} changed`);
}
