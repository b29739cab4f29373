import { useEffect, useId, useRef, useState } from 'react';
import { describePart, partsOf } from '../../../analysis/seams.ts';
import { causalNoteAt } from '../../../config/generation.ts';
import { counted } from '../../../config/plural.ts';
import type { RunRow } from '../../../runs/record.ts';
import { adapterName } from '../../kit/adapterName.ts';
import { Button } from '../../kit/Button.tsx';
import {
  formatAgo,
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatLoss,
} from '../../kit/format.ts';
import { CloseIcon } from '../../kit/icons.tsx';
import { useLab, useLibrary, useRun } from '../../kit/useLab.tsx';
import {
  compare,
  forkAt,
  goOn,
  handOver,
  open,
  whyNotGoOn,
  whyNotHandOver,
  whyNotOpen,
} from './actions.ts';
import { ExportBox } from './ExportBox.tsx';
import { differencesOf } from './listed.ts';

/** A text of a run that is stored when it is left, in whatever way: so when its room or the page goes. */
function TextField({
  label,
  value,
  commit,
  isLong = false,
}: {
  label: string;
  value: string;
  commit: (text: string) => void;
  isLong?: boolean;
}) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const store = useRef(() => {});
  store.current = () => {
    if (text !== value) commit(text);
  };
  useEffect(() => {
    const leave = () => store.current();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
  const Tag = isLong ? 'textarea' : 'input';
  return (
    <label className="library-field" htmlFor={id}>
      <span>{label}</span>
      <Tag
        id={id}
        className="input"
        value={text}
        maxLength={isLong ? 4000 : 200}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => store.current()}
      />
    </label>
  );
}

function tagsIn(text: string): string[] {
  const tags = text.split(',').map((tag) => tag.trim());
  return [...new Set(tags.filter((tag) => tag !== ''))];
}

function Checkpoints({ row }: { row: RunRow }) {
  const lab = useLab();
  const { pin, removeCheckpoint } = lab.library.getState();
  if (row.checkpoints.length === 0) return <p className="muted">No checkpoint of it is stored.</p>;
  return (
    <table className="data library-checkpoints">
      <thead>
        <tr>
          <th scope="col" className="num">
            Step
          </th>
          <th scope="col" className="num">
            Size
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {row.checkpoints.map(({ step, bytes, isPinned, at }) => (
          <tr key={step}>
            <th scope="row" className="num" title={`stored ${formatAgo(at)}, ${formatDate(at)}`}>
              {formatCount(step)}
            </th>
            <td className="num">{formatBytes(bytes)}</td>
            <td className="library-acts">
              <button
                type="button"
                className="btn small"
                aria-label={`Fork at step ${formatCount(step)}`}
                title="A run of its own goes on from here; this one stays as it is"
                onClick={() => void forkAt(lab, row, step)}
              >
                Fork
              </button>
              <button
                type="button"
                className="btn quiet small"
                aria-pressed={isPinned}
                aria-label={`Pin step ${formatCount(step)}`}
                title="Pinned checkpoints stay; of the others the last two do"
                onClick={() => void pin(row.id, step, !isPinned)}
              >
                {isPinned ? 'Pinned' : 'Pin'}
              </button>
              <button
                type="button"
                className="btn quiet icon small"
                aria-label={`Delete the checkpoint of step ${formatCount(step)}`}
                onClick={() => void removeCheckpoint(row.id, step)}
              >
                <CloseIcon />
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Stores a checkpoint of the run that is open, however large it is. */
function StoreNow({ row }: { row: RunRow }) {
  const { commands, library } = useLab();
  const isOpen = useRun((s) => s.recording?.id === row.id);
  if (!isOpen) return null;
  return (
    <button
      type="button"
      className="btn small"
      title="Others are stored by themselves now and then"
      onClick={async () => {
        await commands.keepCheckpoint();
        await library.getState().read();
      }}
    >
      Store a checkpoint now
    </button>
  );
}

const ORIGINS: Readonly<Record<RunRow['origin'], string>> = {
  trained: 'trained here',
  file: 'from a file',
  link: 'from a link',
  curves: 'curves of another program',
};

const absentName = ({ name }: NonNullable<RunRow['parent']>) =>
  name === undefined ? 'a run that is not here' : `${name} (not here)`;

function Facts({ row }: { row: RunRow }) {
  const parent = useLibrary((s) => s.rows.find(({ id }) => id === row.parent?.id));
  const facts: [string, string][] = [
    ['Origin', ORIGINS[row.origin]],
    ['Begun', formatDate(row.begunAt)],
    ...(row.seconds > 0 ? [['Trained for', formatDuration(row.seconds)] as [string, string]] : []),
    ...(row.last.ce
      ? [
          [
            'Last loss',
            `${formatLoss(row.last.ce.value)} at step ${formatCount(row.last.ce.step)}`,
          ] as [string, string],
        ]
      : []),
    ...(row.best.validation
      ? [
          [
            'Best validation',
            `${formatLoss(row.best.validation.value)} at step ${formatCount(row.best.validation.step)}${causalNoteAt(row.experiment, row.best.validation.step)}`,
          ] as [string, string],
        ]
      : []),
    ...(row.parent
      ? [
          [
            'Forked from',
            `${parent?.name ?? absentName(row.parent)} at step ${formatCount(row.parent.step)}`,
          ] as [string, string],
        ]
      : []),
    ...partsOf(row.seams ?? [], row.steps).map((part): [string, string] => [
      'Trained',
      describePart(part),
    ]),
    ...(row.adapter ? [['Adapter', adapterName(row.adapter.description)] as [string, string]] : []),
    ...(row.version ? [['Version', row.version] as [string, string]] : []),
    ['Last exported', row.exportedAt === null ? 'never' : formatAgo(row.exportedAt)],
  ];
  return (
    <dl className="library-facts">
      {facts.map(([name, value]) => (
        <div key={`${name} ${value}`}>
          <dt>{name}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Differences({ row }: { row: RunRow }) {
  const differences = differencesOf(row);
  if (row.experiment === null) return null;
  const { events } = row.experiment;
  return (
    <p>
      {differences.length === 0 && <span className="muted">All settings are the defaults. </span>}
      {differences.map(({ setting, text }) => (
        <span key={setting.path} className="library-chip" title={setting.label}>
          {text}
        </span>
      ))}
      {events.length > 0 && (
        <span className="muted"> {counted(events.length, 'live edit')} while it trained</span>
      )}
    </p>
  );
}

function Actions({ row }: { row: RunRow }) {
  const lab = useLab();
  const notOpen = whyNotOpen(row);
  const openId = useRun((s) => s.recording?.id);
  const notGoOn = whyNotGoOn(row, openId);
  const notHanded = whyNotHandOver(row);
  return (
    <div className="library-acts">
      <Button
        className="btn small"
        isOff={notOpen !== null}
        title={notOpen ?? 'Shows it in the charts, tables and heat maps of all rooms'}
        onClick={() => void open(lab, row)}
      >
        Open
      </Button>
      <Button
        className="btn small"
        isOff={notGoOn !== null}
        title={notGoOn ?? 'Trains on from its last checkpoint'}
        onClick={() => void goOn(lab, row)}
      >
        Go on
      </Button>
      <button
        type="button"
        className="btn small"
        onClick={() => compare(lab, [...lab.library.getState().selected, row.id])}
      >
        Compare
      </button>
      <ExportBox rows={[row]} />
      <Button
        className="btn quiet small"
        isOff={notHanded !== null}
        title={notHanded ?? 'Its last checkpoint goes on in PyTorch, or as a class of transformers'}
        onClick={() => handOver(lab, row)}
      >
        Hand over…
      </Button>
      <button
        type="button"
        className="btn quiet small"
        onClick={() => void lab.library.getState().remove([row.id])}
      >
        Delete
      </button>
    </div>
  );
}

/** Everything of one run, and what can be done with it. */
export function Details({ row, close }: { row: RunRow; close: () => void }) {
  const { library } = useLab();
  const { change } = library.getState();
  return (
    <section className="library-details" aria-label={`Details of ${row.name}`}>
      <header>
        <h3>{row.name}</h3>
        <button
          type="button"
          className="btn quiet icon small"
          aria-label={`Close the details of ${row.name}`}
          onClick={close}
        >
          <CloseIcon />
        </button>
      </header>
      <Actions row={row} />
      <Differences row={row} />
      <TextField
        label="Name"
        value={row.name}
        commit={(text) => {
          const name = text.trim();
          if (name !== '') void change(row.id, { name });
        }}
      />
      <TextField
        label="Tags, with commas between"
        value={row.tags.join(', ')}
        commit={(text) => void change(row.id, { tags: tagsIn(text) })}
      />
      <TextField
        label="Note"
        value={row.note}
        isLong
        commit={(note) => void change(row.id, { note })}
      />
      {row.experiment !== null && (
        <>
          <h4>Checkpoints</h4>
          <Checkpoints row={row} />
          <StoreNow row={row} />
        </>
      )}
      <Facts row={row} />
    </section>
  );
}
