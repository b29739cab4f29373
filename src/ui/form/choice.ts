/** What a preset is to the form, and the one that it begins with; the others load when they are needed. */
import { DEFAULTS_V1 } from '../../config/defaults.ts';
import { changedPaths } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { Preset } from '../../config/presets.ts';
import { settingAt } from '../../config/schema.ts';

export type Choice = Omit<Preset, 'paper'> & { paper: Preset['paper'] | 'Switchyard' };

export const DEFAULT_CHOICE: Choice = {
  id: 'default',
  title: 'Default: 8 experts, top-2',
  paper: 'Switchyard',
  remark: 'A small sparse model on the mix of all five texts.',
  experiment: DEFAULTS_V1,
};

/** Settings in which a form differs from a preset; what the program keeps itself does not count. */
export function difference(experiment: Experiment, preset: Experiment): string[] {
  return changedPaths(experiment, preset).filter(
    (path) => settingAt(path)?.control.type !== 'none',
  );
}
