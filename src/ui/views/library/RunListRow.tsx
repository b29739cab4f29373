import { type KeyboardEvent, memo, useState } from 'react';
import { filterPart } from '../../../analysis/compare/filter.ts';
import { settingValue } from '../../../analysis/compare/settings.ts';
import { causalNoteAt } from '../../../config/generation.ts';
import { counted } from '../../../config/plural.ts';
import type { RunRow } from '../../../runs/record.ts';
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatLoss,
} from '../../kit/format.ts';
import { Menu } from '../../kit/Menu.tsx';
import type { MenuRow } from '../../kit/menuRows.ts';
import { RunSwatch } from '../../kit/RunSwatch.tsx';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import { compare, goOn, open, whyNotGoOn, whyNotOpen } from './actions.ts';
import { type Difference, differencesOf } from './listed.ts';
import { Thumbnail } from './Thumbnail.tsx';

/** Differences that a row has room for. */
const CHIPS = 4;

/** What the lowest loss is of, where that is not a validation like others. */
function bestKind({ best, experiment }: RunRow): string {
  if (!best.validation) return ', training';
  return causalNoteAt(experiment, best.validation.step) && ', validation not causal';
}

const STATUS_TAGS: Readonly<Record<RunRow['status'], readonly [tag: string, text: string]>> = {
  open: ['accent', 'open'],
  done: ['good', 'done'],
  failed: ['bad', 'failed'],
};

export interface RowCommands {
  /** Shows or hides a run's details. */
  look(id: string): void;
  /** Adds a part to the filter. */
  narrow(part: string): void;
}

/** The name, to be written anew in its place. */
function NameInput({ row, done }: { row: RunRow; done: () => void }) {
  const { library } = useLab();
  const [text, setText] = useState(row.name);
  const commit = () => {
    const name = text.trim();
    if (name !== '' && name !== row.name) void library.getState().change(row.id, { name });
    done();
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape') done();
    event.stopPropagation();
  };
  return (
    <input
      className="input library-rename"
      aria-label={`Name of ${row.name}`}
      value={text}
      maxLength={80}
      // biome-ignore lint/a11y/noAutofocus: it takes the place of the name that had the focus
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={onKey}
    />
  );
}

function Chip({
  row,
  difference: { setting, text },
  narrow,
}: {
  row: RunRow;
  difference: Difference;
  narrow: RowCommands['narrow'];
}) {
  const { experiment } = row;
  if (experiment === null) return null;
  const part = filterPart(setting, String(settingValue(experiment, setting) ?? 'none'));
  return (
    <button
      type="button"
      className="library-chip"
      title={`${setting.label}: show only runs with ${part}`}
      onClick={() => narrow(part)}
    >
      {text}
    </button>
  );
}

/** Tags and differences of a run in one line; what has no room is counted. */
function Chips({ row, narrow }: { row: RunRow; narrow: RowCommands['narrow'] }) {
  const differences = differencesOf(row);
  const hidden = differences.length - CHIPS;
  return (
    <span className="library-chips">
      {row.tags.map((tag) => (
        <button
          key={tag}
          type="button"
          className="library-chip tagged"
          title={`Show only runs with the tag ${tag}`}
          onClick={() => narrow(/\s/.test(tag) ? `"tag:${tag}"` : `tag:${tag}`)}
        >
          {tag}
        </button>
      ))}
      {differences.slice(0, CHIPS).map((difference) => (
        <Chip key={difference.setting.path} row={row} difference={difference} narrow={narrow} />
      ))}
      {hidden > 0 && <span className="muted">+{hidden}</span>}
      {row.experiment === null && <span className="muted">curves of another program</span>}
      {row.experiment !== null && differences.length === 0 && (
        <span className="muted">the defaults</span>
      )}
    </span>
  );
}

function menuRows(
  lab: ReturnType<typeof useLab>,
  row: RunRow,
  { look }: RowCommands,
  rename: () => void,
): MenuRow[] {
  return [
    {
      label: 'Open in all views',
      disabled: whyNotOpen(row) !== null,
      onSelect: () => void open(lab, row),
    },
    {
      label: 'Go on',
      disabled: whyNotGoOn(row, lab.run.getState().recording?.id) !== null,
      onSelect: () => void goOn(lab, row),
    },
    {
      label: 'Fork from a checkpoint…',
      disabled: row.checkpoints.length === 0,
      onSelect: () => look(row.id),
    },
    {
      label: 'Compare with those chosen',
      onSelect: () => compare(lab, [...lab.library.getState().selected, row.id]),
    },
    'line',
    { label: 'Rename', onSelect: () => setTimeout(rename) },
    { label: 'Note, tags and details', onSelect: () => look(row.id) },
    'line',
    { label: 'Delete', onSelect: () => void lab.library.getState().remove([row.id]) },
  ];
}

/** Whether its curves stand behind the live run's. */
function ShowToggle({ row: { id, name, color, isVisible } }: { row: RunRow }) {
  const { library } = useLab();
  return (
    <button
      type="button"
      className="library-show"
      data-at="show"
      aria-pressed={isVisible}
      aria-label={`Show ${name} beside the live run`}
      title={`${isVisible ? 'Drawn' : 'Not drawn'} behind the live run’s curves`}
      onClick={() => void library.getState().change(id, { isVisible: !isVisible })}
    >
      <RunSwatch place={color} />
    </button>
  );
}

function NameCell({
  row,
  isOpen,
  commands,
  isRenaming,
  setRenaming,
}: {
  row: RunRow;
  isOpen: boolean;
  commands: RowCommands;
  isRenaming: boolean;
  setRenaming: (is: boolean) => void;
}) {
  return (
    <th scope="row" className="library-name">
      <div>
        <span className="library-title">
          <ShowToggle row={row} />
          {isRenaming ? (
            <NameInput row={row} done={() => setRenaming(false)} />
          ) : (
            <button
              type="button"
              className="library-open"
              data-at="name"
              aria-expanded={isOpen}
              title={`${row.name}${row.note && `: ${row.note}`} (F2 renames it)`}
              onClick={() => commands.look(row.id)}
              onDoubleClick={() => setRenaming(true)}
              onKeyDown={(event) => {
                if (event.key === 'F2') setRenaming(true);
              }}
            >
              {row.name}
            </button>
          )}
          {row.parent !== null && (
            <span className="tag" title="Forked from another run">
              fork @ {formatCount(row.parent.step)}
            </span>
          )}
        </span>
        <Chips row={row} narrow={commands.narrow} />
      </div>
    </th>
  );
}

/** One run of the list. */
export const RunListRow = memo(function RunListRow({
  row,
  index,
  isOpen,
  commands,
}: {
  row: RunRow;
  /** Its row among all, the head being the first. */
  index: number;
  isOpen: boolean;
  commands: RowCommands;
}) {
  const lab = useLab();
  const isSelected = useLibrary((s) => s.selected.has(row.id));
  const isLit = useLibrary((s) => s.lit.has(row.id));
  const [isRenaming, setRenaming] = useState(false);
  const [tag, status] = STATUS_TAGS[row.status];
  const best = row.best.validation ?? row.best.ce;
  const classes = [isLit && 'lit', isOpen && 'open', isSelected && 'chosen'].filter(Boolean);
  return (
    <tr data-run={row.id} aria-rowindex={index} className={classes.join(' ') || undefined}>
      <td className="library-check">
        <input
          type="checkbox"
          data-at="check"
          aria-label={`Choose ${row.name}`}
          checked={isSelected}
          onChange={() => lab.library.getState().toggle(row.id)}
        />
      </td>
      <td className="library-curve">
        <Thumbnail points={row.thumbnail} place={row.color} />
      </td>
      <NameCell
        row={row}
        isOpen={isOpen}
        commands={commands}
        isRenaming={isRenaming}
        setRenaming={setRenaming}
      />
      <td>
        <span className={`tag ${tag}`}>{status}</span>
      </td>
      <td className="num">{formatCount(row.steps)}</td>
      <td className="num">{row.last.ce === undefined ? '–' : formatLoss(row.last.ce.value)}</td>
      <td className="num" title={best && `at step ${formatCount(best.step)}${bestKind(row)}`}>
        {best === undefined ? '–' : formatLoss(best.value)}
      </td>
      <td className="num">{row.seconds > 0 ? formatDuration(row.seconds) : '–'}</td>
      <td className="num" title={counted(row.checkpoints.length, 'checkpoint')}>
        {formatBytes(row.bytes)}
      </td>
      <td className="num">{formatDate(row.begunAt)}</td>
      <td className="library-more">
        <Menu
          className="btn quiet icon small"
          label={`Actions of ${row.name}`}
          rows={() => menuRows(lab, row, commands, () => setRenaming(true))}
        >
          <span aria-hidden="true">⋯</span>
        </Menu>
      </td>
    </tr>
  );
});
