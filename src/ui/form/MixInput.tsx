import { CORPORA, type CorpusName } from '../../config/experiment.ts';
import type { StructuredSetting } from '../../config/settings.ts';
import { formatPercent } from '../kit/format.ts';
import type { InputProps } from '../kit/inputProps.ts';
import { useConfig } from '../kit/useLab.tsx';
import { WholeNumber } from '../kit/WholeNumber.tsx';

const NAMES: Readonly<Record<CorpusName, { label: string; help: string }>> = {
  prose: { label: 'Prose', help: 'Moby-Dick' },
  speeches: { label: 'Speeches', help: 'State of the Union addresses' },
  code: { label: 'Code', help: 'Sources of a permissively licensed package' },
  arithmetic: { label: 'Arithmetic', help: 'Made by a seeded generator' },
  languages: {
    label: 'Languages',
    help: 'The Universal Declaration of Human Rights in many languages',
  },
  own: { label: 'Your text', help: 'Pasted or from a file; it never leaves this machine' },
};

/** Weight per corpus, with the share of batches that it amounts to. */
export function MixInput({ id, change }: InputProps<StructuredSetting>) {
  const mix = useConfig((s) => s.experiment.data.mix);
  const hasOwn = useConfig((s) => s.own !== null);
  const total = Object.values(mix).reduce((sum, weight) => sum + weight, 0);
  const set = (name: CorpusName, weight: number) => {
    const entries = CORPORA.map(
      (corpus) => [corpus, corpus === name ? weight : (mix[corpus] ?? 0)] as const,
    );
    change(Object.fromEntries(entries.filter(([, w]) => w > 0)));
  };
  return (
    <ul className="mix" id={id}>
      {CORPORA.filter((name) => name !== 'own' || hasOwn || (mix.own ?? 0) > 0).map((name) => {
        const weight = mix[name] ?? 0;
        return (
          <li key={name} title={NAMES[name].help}>
            <input
              type="checkbox"
              aria-label={`Use ${NAMES[name].label}`}
              checked={weight > 0}
              onChange={(event) => set(name, event.target.checked ? 1 : 0)}
            />
            <span>{NAMES[name].label}</span>
            <span className="mix-bar" aria-hidden="true">
              <i style={{ width: `${total > 0 ? (100 * weight) / total : 0}%` }} />
            </span>
            <span className="num muted">{total > 0 ? formatPercent(weight / total) : '–'}</span>
            <WholeNumber
              isFloat
              label={`Weight of ${NAMES[name].label}`}
              value={weight}
              min={0}
              max={1000}
              change={(next) => set(name, next)}
            />
          </li>
        );
      })}
    </ul>
  );
}
