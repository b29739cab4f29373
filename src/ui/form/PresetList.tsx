import { useConfig, useLab } from '../kit/useLab.tsx';
import type { Choice } from './choice.ts';
import { CHOICES, choiceOf, choosePreset } from './presetChoices.ts';

/** All presets by paper, as buttons. */
export default function PresetList({ close }: { close: () => void }) {
  const lab = useLab();
  const current = choiceOf(useConfig((s) => s.experiment));
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
