/** Presets as the form offers them. */
import { DEFAULTS_V1 } from '../../config/defaults.ts';
import { changedPaths } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { counted } from '../../config/plural.ts';
import { PRESETS } from '../../config/presets.ts';
import { settingAt } from '../../config/schema.ts';
import { changeOf } from '../../state/configStore.ts';
import type { Lab } from '../../state/lab.ts';

/** Settings in which a form differs from a preset; what the program keeps itself does not count. */
export function difference(experiment: Experiment, preset: Experiment): string[] {
  return changedPaths(experiment, preset).filter(
    (path) => settingAt(path)?.control.type !== 'none',
  );
}

export const CHOICES = [
  {
    id: 'default',
    title: 'Default: 8 experts, top-2',
    paper: 'Switchyard',
    remark: 'A small sparse model on the mix of all five texts.',
    experiment: DEFAULTS_V1,
  },
  ...PRESETS,
];
export type Choice = (typeof CHOICES)[number];

/** Puts a preset into the form, and says how much changed. */
export function choosePreset({ commands, config, view }: Lab, preset: Choice): void {
  const paths = difference(config.getState().experiment, preset.experiment);
  commands.stage(changeOf(preset.experiment, paths));
  view.getState().say(`${preset.title}: ${counted(paths.length, 'setting')} changed`);
}
