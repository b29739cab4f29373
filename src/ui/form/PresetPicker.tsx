import { useMemo } from 'react';
import { DEFAULTS_V1 } from '../../config/defaults.ts';
import { ChevronIcon } from '../kit/icons.tsx';
import { Pop } from '../kit/Pop.tsx';
import { useConfig, useLab } from '../kit/useLab.tsx';
import { CHOICES, type Choice, choosePreset, difference } from './presetChoices.ts';

/** The preset that the form shows unchanged, if any. */
function usePreset(): Choice | undefined {
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
  const lab = useLab();
  const current = usePreset();
  const papers = [...new Set(CHOICES.map(({ paper }) => paper))];

  function choose(preset: Choice): void {
    close();
    choosePreset(lab, preset);
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
