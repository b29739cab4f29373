import { useId } from 'react';
import { settingAt } from '../../../config/schema.ts';
import type { Setting } from '../../../config/settings.ts';
import { type AxisPlan, isNumeric } from '../../../state/papers/sweepPlan.ts';
import { CloseIcon } from '../../kit/icons.tsx';
import { Picker } from '../../kit/Picker.tsx';
import { labelOf } from '../../kit/values.ts';

/** What marks a field as wrong; the message that says why has the id. */
export function wrongProps(message: string | undefined, id: string) {
  return message === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': id };
}

interface AxisProps {
  axis: AxisPlan;
  problem: string | undefined;
  change: (part: Partial<AxisPlan>) => void;
  remove: () => void;
}

/** Named values of a setting; none where any text may be one. */
function namedValues(setting: Setting | undefined): { value: string; label: string }[] {
  if (setting === undefined) return [];
  if (setting.kind === 'bool')
    return [
      { value: '0', label: 'off' },
      { value: '1', label: 'on' },
    ];
  return setting.kind === 'enum' ? [...setting.options] : [];
}

function Chosen({ axis, change }: Pick<AxisProps, 'axis' | 'change'>) {
  const named = namedValues(settingAt(axis.path));
  const chosen = axis.values.split(/[\s;]+/).filter((value) => value !== '');
  return (
    <span className="sweeps-options">
      {named.map(({ value, label }) => (
        <label key={value}>
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={() => {
              const next = named.filter(
                (one) => chosen.includes(one.value) !== (one.value === value),
              );
              change({ values: next.map((one) => one.value).join(' ') });
            }}
          />
          {label}
        </label>
      ))}
    </span>
  );
}

function Range({ axis, wrong, change }: Pick<AxisProps, 'axis' | 'change'> & { wrong: object }) {
  const text = (name: 'min' | 'max' | 'count', label: string) => (
    <label className="sweeps-number">
      {label}
      <input
        className="input num"
        inputMode="decimal"
        aria-label={`${labelOf(axis.path)}: ${label}`}
        {...wrong}
        value={axis[name]}
        onChange={(event) => change({ [name]: event.target.value })}
      />
    </label>
  );
  return (
    <span className="sweeps-range">
      {text('min', 'from')}
      {text('max', 'to')}
      {text('count', 'values')}
      <Picker
        label={`${labelOf(axis.path)}: scale`}
        value={axis.scale}
        options={{ linear: 'linear', log: 'logarithmic' }}
        choose={(scale) => change({ scale })}
      />
      <label>
        <input
          type="checkbox"
          checked={axis.draws}
          onChange={() => change({ draws: !axis.draws })}
        />
        drawn at random
      </label>
    </span>
  );
}

/** A setting that is varied: its values, or a range of them. */
export function AxisEditor({ axis, problem, change, remove }: AxisProps) {
  const id = useId();
  const setting = settingAt(axis.path);
  const label = labelOf(axis.path);
  const isNamed = namedValues(setting).length > 0;
  const wrong = wrongProps(problem, id);
  const canRange = setting !== undefined && isNumeric(setting);
  return (
    <fieldset className="sweeps-axis">
      <legend title={setting?.help}>{label}</legend>
      {canRange && (
        <Picker
          label={`${label}: how it is varied`}
          value={axis.kind}
          options={{ values: 'values', range: 'range' }}
          choose={(kind) => change({ kind })}
        />
      )}
      {isNamed ? (
        <Chosen axis={axis} change={change} />
      ) : axis.kind === 'range' ? (
        <Range axis={axis} wrong={wrong} change={change} />
      ) : (
        <input
          className="input sweeps-values"
          aria-label={`${label}: values`}
          {...wrong}
          title="Values as links write them, with spaces between: 0.1 0.5; 8x32 4x64.z2"
          value={axis.values}
          onChange={(event) => change({ values: event.target.value })}
        />
      )}
      <button
        type="button"
        className="btn quiet icon small"
        aria-label={`Do not vary ${label}`}
        onClick={remove}
      >
        <CloseIcon />
      </button>
      {problem !== undefined && (
        <p id={id} className="field-error" role="alert">
          {problem}
        </p>
      )}
    </fieldset>
  );
}
