import { lazy, useEffect, useMemo, useState } from 'react';
import { ChevronIcon } from '../kit/icons.tsx';
import { Pop } from '../kit/Pop.tsx';
import { useConfig } from '../kit/useLab.tsx';
import { type Choice, DEFAULT_CHOICE, difference } from './choice.ts';

const PresetList = lazy(() => import('./PresetList.tsx'));

/** The preset that the form shows unchanged, if any; null until the presets are loaded. */
function usePreset(): Choice | undefined | null {
  const experiment = useConfig((s) => s.experiment);
  const isDefault = useMemo(
    () => difference(experiment, DEFAULT_CHOICE.experiment).length === 0,
    [experiment],
  );
  const [presets, setPresets] = useState<typeof import('./presetChoices.ts') | null>(null);
  useEffect(() => {
    if (!isDefault) void import('./presetChoices.ts').then(setPresets, () => undefined);
  }, [isDefault]);
  return useMemo(() => {
    if (isDefault) return DEFAULT_CHOICE;
    return presets === null ? null : presets.choiceOf(experiment);
  }, [isDefault, presets, experiment]);
}

/** Where the chosen preset stands in its paper, and what scale changed. */
export function PresetRemark() {
  const preset = usePreset() ?? DEFAULT_CHOICE;
  if (preset === DEFAULT_CHOICE) return null;
  return (
    <p className="preset-remark">
      <b>{preset.paper}.</b> {preset.remark}
    </p>
  );
}

/** Systems of the papers, each with a remark on what scale changed. */
export function PresetPicker() {
  const preset = usePreset();
  const title = preset === null ? '…' : (preset?.title ?? 'Custom');
  return (
    <Pop
      className="btn preset-button"
      label={`Preset ${title}`}
      boxLabel="Presets"
      contentClassName="pop presets"
      align="start"
      // Without a fallback of its own: the box opens with its list, and the focus goes there.
      content={(close) => <PresetList close={close} />}
    >
      <span>
        <small>Preset</small> {title}
      </span>
      <ChevronIcon />
    </Pop>
  );
}
