import { LADIMO_ROWS, type LadimoRow } from '../../../config/ladimoSettings.ts';
import { counted } from '../../../config/plural.ts';
import { SettingField } from '../../kit/SettingField.tsx';
import { changed, refusalsAt, settingOf, shownValue } from './rows.ts';
import type { SetSettings, SettingValue } from './setSettings.ts';

interface RowsProps {
  set: SetSettings;
  change: (settings: SetSettings) => void;
  refusals: readonly string[];
  domains: readonly string[] | null;
  /** Of the teacher, as far as they are known. */
  hidden: number | null;
  layers: number | null;
}

/** Which layers are converted: a box for each. */
function Layers({ set, change, refusals, layers }: RowsProps) {
  if (layers === null) return null;
  const all = Array.from({ length: layers }, (_, l) => l);
  const given = set.layers;
  const chosen = Array.isArray(given) ? given : all;
  function choose(next: readonly number[]): void {
    const { layers: _, ...others } = set;
    change(next.length === all.length ? others : { ...others, layers: next });
  }
  return (
    <fieldset className="teacher-layers">
      <legend>{`Layers: ${chosen.length} of ${counted(layers, 'layer')}`}</legend>
      <div>
        {all.map((layer) => (
          <label key={layer} className="teacher-layer">
            <input
              type="checkbox"
              checked={chosen.includes(layer)}
              onChange={({ target }) =>
                choose(all.filter((l) => (l === layer ? target.checked : chosen.includes(l))))
              }
            />
            <span className="num">{`L${layer}`}</span>
          </label>
        ))}
      </div>
      {refusalsAt('layers', refusals).map((text) => (
        <p key={text} className="field-error" role="alert">
          {text}
        </p>
      ))}
    </fieldset>
  );
}

function OneRow({ row, ...props }: RowsProps & { row: LadimoRow }) {
  const { set, change, refusals } = props;
  const setting = settingOf(row, props);
  if (setting === null) return <Layers {...props} />;
  const put = (value: SettingValue) => change(changed(set, row.path, value, setting.default));
  const field = (
    <SettingField
      setting={setting}
      value={shownValue(row, setting, set)}
      messages={refusalsAt(row.path, refusals)}
      change={(value) => put(value as SettingValue)}
    />
  );
  if (row.kind !== 'asTeacher' || row.nullLabel === undefined) return field;
  // Beside a number and the teacher's own there is a third choice: none.
  const isOff = set[row.path] === null;
  return (
    <div>
      {!isOff && field}
      <label className="teacher-layer">
        <input
          type="checkbox"
          checked={isOff}
          onChange={({ target }) =>
            target.checked ? change({ ...set, [row.path]: null }) : put(setting.default as null)
          }
        />
        {`${row.label} ${row.nullLabel}`}
      </label>
    </div>
  );
}

const isOptimizer = ({ path }: LadimoRow) => path.startsWith('optimizer.');

/** All settings of a conversion; those that begin as the teacher's are folded. */
export function Rows(props: RowsProps) {
  const plain = LADIMO_ROWS.filter((row) => !isOptimizer(row));
  return (
    <>
      <div className="teacher-rows">
        {plain.map((row) => (
          <OneRow key={row.path} row={row} {...props} />
        ))}
      </div>
      <details className="teacher-more">
        <summary>Optimiser: the teacher’s, with what is set here</summary>
        <div className="teacher-rows">
          {LADIMO_ROWS.filter(isOptimizer).map((row) => (
            <OneRow key={row.path} row={row} {...props} />
          ))}
        </div>
      </details>
    </>
  );
}
