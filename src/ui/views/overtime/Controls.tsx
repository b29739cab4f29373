import { useEffect, useId } from 'react';
import type { LayerSpace } from '../../../config/telemetry.ts';
import { useInstruments, useSides } from '../../kit/instruments.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import type { OverTimeFields } from './fields.ts';
import { isOfOneLayer } from './lines.ts';
import { GROUPS, type Metric } from './metrics.ts';

interface SelectProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  choose(value: string): void;
}

function Select({ label, value, options, choose }: SelectProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="overtime-field">
      <span>{label}</span>
      <select
        id={id}
        className="select compact"
        value={value}
        onChange={(event) => choose(event.target.value)}
      >
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function MetricSelect({
  metrics,
  metric,
  choose,
}: {
  metrics: readonly Metric[];
  metric: Metric;
  choose(id: string): void;
}) {
  const id = useId();
  return (
    <label htmlFor={id} className="overtime-field">
      <span>Figure</span>
      <select
        id={id}
        className="select"
        value={metric.id}
        onChange={(event) => choose(event.target.value)}
      >
        {GROUPS.map((group) => {
          const own = metrics.filter((row) => row.group === group);
          return own.length === 0 ? null : (
            <optgroup key={group} label={group}>
              {own.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </optgroup>
          );
        })}
      </select>
    </label>
  );
}

const NOBODY = '';

/** A second run, whose charts stand beside. */
function Beside() {
  const { library } = useLab();
  useEffect(() => void library.getState().read(), [library]);
  const { sides } = useInstruments();
  const against = useSides((s) => s.against);
  const shown = useLibrary((s) => s.shown?.head.id);
  const rows = useLibrary((s) => s.rows).filter(
    ({ id, experiment, checkpoints }) =>
      experiment !== null && checkpoints.length > 0 && id !== shown,
  );
  if (rows.length === 0 && against === null) return null;
  return (
    <Select
      label="Beside"
      value={against?.run ?? NOBODY}
      options={[[NOBODY, 'nothing'], ...rows.map(({ id, name }) => [id, name] as const)]}
      choose={(run) =>
        void sides.getState().compareWith(run === NOBODY ? null : { run, step: null })
      }
    />
  );
}

interface ControlsProps {
  metrics: readonly Metric[];
  metric: Metric;
  spaces: readonly LayerSpace[];
  /** Place of the chosen layer; null: all of them. */
  place: number | null;
  /** Ranks that there are, and the chosen one; null: all of them. */
  ranks: number;
  rank: number | null;
  value: OverTimeFields;
  set(part: Partial<OverTimeFields>): void;
}

const ALL = 'all';

/** Which figure, of which layers, measured on which text, beside which run. */
export function Controls(props: ControlsProps) {
  const { metrics, metric, spaces, place, ranks, rank, value, set } = props;
  const { view } = useLab();
  const chooseLayer = (layer: string) => {
    if (layer !== ALL) view.getState().set({ layer: Number(layer) });
    set({ layers: layer === ALL ? 'all' : 'one' });
  };
  const all = isOfOneLayer(metric) && spaces.length > 1 ? 'All (the first)' : 'All';
  return (
    <div className="overtime-fields">
      <MetricSelect metrics={metrics} metric={metric} choose={(figure) => set({ figure })} />
      <Select
        label="Layers"
        value={place === null ? ALL : String(spaces[place]?.layer)}
        options={[
          [ALL, all],
          ...spaces.map(({ layer }) => [String(layer), `Layer ${layer}`] as const),
        ]}
        choose={chooseLayer}
      />
      <Select
        label="Ranks"
        value={rank === null ? ALL : String(rank)}
        options={[
          [ALL, 'All'],
          ...Array.from({ length: ranks }, (_, rank) => [String(rank), `Rank ${rank}`] as const),
        ]}
        choose={(rank) => set({ rank: rank === ALL ? null : Number(rank) })}
      />
      <Select
        label="Measured on"
        value={value.on}
        options={[
          ['validation', 'one validation batch'],
          ['training', 'each training step’s batch'],
        ]}
        choose={(on) => set({ on: on === 'training' ? on : 'validation' })}
      />
      <Beside />
      <button
        type="button"
        className="link-btn"
        onClick={() => view.getState().set({ sought: { view: 'history' } })}
      >
        Load as a heat map
      </button>
    </div>
  );
}
