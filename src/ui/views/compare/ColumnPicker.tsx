import { useState } from 'react';
import {
  COLUMN_GROUPS,
  COLUMNS,
  type Column,
  type ColumnGroup,
} from '../../../analysis/compare/columns.ts';
import { Pop } from '../../kit/Pop.tsx';
import { MAX_COLUMNS } from './compared.ts';

const GROUP_TITLES: Readonly<Record<ColumnGroup, string>> = {
  run: 'Run',
  metric: 'Metrics',
  load: 'Load',
  cost: 'Size and cost',
  setting: 'Settings',
};

function Choices({
  shown,
  set,
}: {
  shown: readonly string[];
  set: (columns: readonly string[] | null) => void;
}) {
  const [text, setText] = useState('');
  const typed = text.trim().toLowerCase();
  const isFound = ({ label, id }: Column) => `${label} ${id}`.toLowerCase().includes(typed);
  const toggle = (id: string) =>
    set(shown.includes(id) ? shown.filter((one) => one !== id) : [...shown, id]);
  return (
    <>
      <input
        type="search"
        className="input"
        aria-label="Find a column"
        placeholder="Find a column"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="button" className="link-btn" onClick={() => set(null)}>
        As at first: with every setting that differs
      </button>
      <div className="compare-choices">
        {COLUMN_GROUPS.map((group) => {
          const columns = COLUMNS.filter((column) => column.group === group && isFound(column));
          if (columns.length === 0) return null;
          return (
            <fieldset key={group}>
              <legend>{GROUP_TITLES[group]}</legend>
              {columns.map(({ id, label, help }) => (
                <label key={id} title={help}>
                  <input
                    type="checkbox"
                    checked={shown.includes(id)}
                    disabled={!shown.includes(id) && shown.length >= MAX_COLUMNS}
                    onChange={() => toggle(id)}
                  />{' '}
                  {label}
                </label>
              ))}
            </fieldset>
          );
        })}
      </div>
    </>
  );
}

/** Which columns the table has. */
export function ColumnPicker({
  shown,
  set,
}: {
  shown: readonly string[];
  set: (columns: readonly string[] | null) => void;
}) {
  return (
    <Pop
      className="btn quiet small"
      label="Columns of the table"
      contentClassName="pop compare-picker"
      align="start"
      content={() => <Choices shown={shown} set={set} />}
    >
      Columns…
    </Pop>
  );
}
