import { useMemo } from 'react';
import { DEFAULTS_V1 } from '../../config/defaults.ts';
import { changedPaths } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { counted } from '../../config/plural.ts';
import { PRESETS } from '../../config/presets.ts';
import { settingAt } from '../../config/schema.ts';
import { changeOf } from '../../state/configStore.ts';
import { ChevronIcon } from '../kit/icons.tsx';
import { Pop } from '../kit/Pop.tsx';
import { useConfig, useLab } from '../kit/useLab.tsx';

/** Settings in which a form differs from a preset; what the program keeps itself does not count. */
function difference(experiment: Experiment, preset: Experiment): string[] {
  return changedPaths(experiment, preset).filter(
    (path) => settingAt(path)?.control.type !== 'none',
  );
}

const CHOICES = [
  {
    id: 'default',
    title: 'Default: 8 experts, top-2',
    paper: 'Switchyard',
    remark: 'A small sparse model on the mix of all five texts.',
    experiment: DEFAULTS_V1,
  },
  ...PRESETS,
];

/** The preset that the form shows unchanged, if any. */
function usePreset(): (typeof CHOICES)[number] | undefined {
  const experiment = useConfig((s) => s.experiment);
  return useMemo(
    () => CHOICES.find((preset) => difference(experiment, preset.experiment).length === 0),
    [experiment],
  );
}

/** Where the chosen preset stands in its paper, and what scale changed. */
export function PresetRemark() {
  const preset = usePreset();
  if (preset === undefined || preset.experiment === DEFAULTS_V1) return null;
  return (
    <p className="preset-remark">
      <b>{preset.paper}.</b> {preset.remark}
    </p>
  );
}

/** All presets by paper, as buttons. */
function Choices({ close }: { close: () => void }) {
  const { commands, config, view } = useLab();
  const current = usePreset();
  const papers = [...new Set(CHOICES.map(({ paper }) => paper))];

  function choose(preset: (typeof CHOICES)[number]): void {
    const paths = difference(config.getState().experiment, preset.experiment);
    commands.stage(changeOf(preset.experiment, paths));
    close();
    view.getState().say(`${preset.title}: ${counted(paths.length, 'setting')} changed`);
  }

  return papers.map((paper) => (
    <section key={paper} aria-label={paper}>
      <h3>{paper}</h3>
      <ul>
        {CHOICES.filter((preset) => preset.paper === paper).map((preset) => (
          <li key={preset.id}>
            <button type="button" aria-pressed={preset === current} onClick={() => choose(preset)}>
              <b>{preset.title}</b>
              <span title={preset.remark}>{preset.remark}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  ));
}

/** Systems of the papers, each with a remark on what scale changed. */
export function PresetPicker() {
  const title = usePreset()?.title ?? 'Custom';
  return (
    <Pop
      className="btn preset-button"
      label={`Preset ${title}`}
      boxLabel="Presets"
      contentClassName="pop presets"
      align="start"
      content={(close) => <Choices close={close} />}
    >
      <span>
        <small>Preset</small> {title}
      </span>
      <ChevronIcon />
    </Pop>
  );
}
