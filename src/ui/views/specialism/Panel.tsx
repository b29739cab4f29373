import { useEffect, useMemo } from 'react';
import { moeLayers } from '../../../config/conditions.ts';
import { counted } from '../../../config/plural.ts';
import type { RunRow } from '../../../runs/record.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { Points } from '../../kit/figure/Points.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import type { SpecialismFields } from './fields.ts';
import { LATEST, meanLayer, namesOf, type Shown, seriesOf, specialismTable } from './shown.ts';
import './specialism.css';

export const about: Explanation = {
  label: 'Specialisation beside balance',
  meaning:
    'How uneven the load of each run’s last training steps is, against what its slots tell of a token’s domain. A router that is even over a window can still send each domain to experts of its own; one that is even within every sequence cannot.',
  formula: 'MaxVio = max c_i·R/A − 1; mutual information of domain and slot / min(H(n_d), H(n_i))',
  source: 'Wang 2024; Qwen (2501.11873); docs/analysis.md, d',
};

const NAMES = {
  steps: { '16': 'last 16 steps', '64': 'last 64 steps', '256': 'last 256 steps' },
  scope: { window: 'MaxVio of the window', batch: 'MaxVio of a batch, mean' },
  measure: {
    normalised: 'domain information, normalised',
    information: 'domain information, nats',
  },
  points: { layers: 'each layer', mean: 'mean of the layers' },
} as const;

type Choice = Pick<ViewProps<SpecialismFields>, 'value' | 'set'>;

function Tools({ value, set }: Choice) {
  return (
    <div className="specialism-tools">
      <Picker
        label="Steps"
        value={value.steps}
        options={NAMES.steps}
        choose={(steps) => set({ steps })}
      />
      <Picker
        label="Balance"
        value={value.scope}
        options={NAMES.scope}
        choose={(scope) => set({ scope })}
      />
      <Picker
        label="Specialisation"
        value={value.measure}
        options={NAMES.measure}
        choose={(measure) => set({ measure })}
      />
      <Picker
        label="Points"
        value={value.points}
        options={NAMES.points}
        choose={(points) => set({ points })}
      />
    </div>
  );
}

/** Rows of the runs that are compared: those chosen in the library, else the latest ones. */
function useRows(): { rows: readonly RunRow[]; left: number } {
  const all = useLibrary((s) => s.rows);
  const selected = useLibrary((s) => s.selected);
  return useMemo(() => {
    const chosen = selected.size === 0 ? all : all.filter(({ id }) => selected.has(id));
    const fit = chosen.filter(
      ({ experiment }) => experiment !== null && moeLayers(experiment).length > 0,
    );
    const rows = selected.size === 0 ? fit.slice(0, LATEST) : fit;
    return { rows, left: fit.length - rows.length };
  }, [all, selected]);
}

function Figure({ runs, value }: { runs: readonly Shown[]; value: SpecialismFields }) {
  const { scope, measure } = value;
  const series = useMemo(() => seriesOf(runs, value), [runs, value]);
  const [x, y] = [NAMES.scope[scope], NAMES.measure[measure]];
  const format = measure === 'information' ? 'nats' : 'percent';
  const words = () =>
    runs.map(({ name, layers }) => {
      const of = meanLayer(layers);
      return `${name} ${formatValue(of[scope], 'decimal')} and ${formatValue(of[measure], format)}`;
    });
  return (
    <FigureFrame
      name="switchyard-specialisation-balance"
      title={`${y[0]?.toUpperCase()}${y.slice(1)}, against ${x}`}
      caption={() =>
        `${x} and ${y} of the ${NAMES.steps[value.steps]}, means of the layers: ${words().join('; ')}.`
      }
      table={() => specialismTable(runs)}
      runs={runs.flatMap(({ name, row: { experiment } }) =>
        experiment === null ? [] : [{ name, experiment }],
      )}
    >
      <Points series={series} x={{ label: x, format: 'decimal' }} y={{ label: y, format }} />
    </FigureFrame>
  );
}

/** MaxVio of several runs against what their slots tell of the domain. */
export default function SpecialismPanel({ value, set }: ViewProps<SpecialismFields>) {
  const { library } = useLab();
  const { rows, left } = useRows();
  const routing = useLibrary((s) => s.routing);
  const ids = rows.map(({ id }) => id).join(' ');
  useEffect(
    () => (ids === '' ? undefined : library.getState().follow('routing', ids.split(' '))),
    [library, ids],
  );
  const runs = useMemo((): Shown[] => {
    const names = namesOf(rows);
    return rows.flatMap((row, i) => {
      const layers = routing.get(row.id)?.specialism?.[Number(value.steps) as 16 | 64 | 256];
      return layers === undefined ? [] : [{ row, name: names[i] ?? row.name, layers }];
    });
  }, [rows, routing, value.steps]);
  return (
    <PanelFrame className="specialism" sub={counted(runs.length, 'run')}>
      <Tools value={value} set={set} />
      {runs.length === 0 ? (
        <p className="empty">
          {rows.length === 0
            ? 'Runs with experts are compared here: train some, or choose them in the library.'
            : 'Reading the routing of the runs, where it was recorded …'}
        </p>
      ) : (
        <Figure runs={runs} value={value} />
      )}
      {left > 0 && (
        <p className="muted">
          The latest {LATEST} runs; {left} older ones are shown where they are chosen in the
          library.
        </p>
      )}
    </PanelFrame>
  );
}
