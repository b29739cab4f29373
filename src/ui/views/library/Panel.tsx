import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { FILTER_NAMES } from '../../../analysis/compare/filter.ts';
import { freeColor } from '../../../runs/newRow.ts';
import { curvesRun } from '../../kit/curveFiles/curvesRow.ts';
import { ReadingFile } from '../../kit/curveFiles/ReadingFile.tsx';
import type { FileRun } from '../../kit/curveFiles/readAway.ts';
import { useCurveFiles } from '../../kit/curveFiles/useCurveFiles.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { askForFiles } from '../../kit/files.ts';
import { formatCount } from '../../kit/format.ts';
import { Menu } from '../../kit/Menu.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useLab, useLibrary } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { Chosen, Undo } from './Chosen.tsx';
import { Damaged } from './Damaged.tsx';
import { Details } from './Details.tsx';
import { Lineage } from './Lineage.tsx';
import { LIST_COLUMNS, listedRows } from './listed.ts';
import { type Listed, orderedBy } from './orders.ts';
import { RunList } from './RunList.tsx';
import type { RowCommands } from './RunListRow.tsx';
import { Stored } from './Stored.tsx';
import './library.css';
import './details.css';
import './lineage.css';

/** Puts the runs of files of curves into the library, each in a colour of its own. */
function useCurves() {
  const { library } = useLab();
  const take = useCallback(
    async (file: string, runs: readonly FileRun[]) => {
      const { put } = library.getState();
      for (const run of runs) {
        const color = freeColor(library.getState().rows);
        const { row, parts } = curvesRun(file, run, { color, isVisible: false });
        await put(row, parts);
      }
    },
    [library],
  );
  return useCurveFiles(take);
}

const FILTER_HELP = `Words, and conditions on settings by their key or path: K=2, lr<0.002, router.capacity=none; also ${FILTER_NAMES.join(', ')}: tag:paper, loss<2. All have to hold.`;

function FilterField({
  filter,
  setFilter,
  problems,
}: {
  filter: string;
  setFilter: (text: string) => void;
  problems: readonly string[];
}) {
  return (
    <div className="library-filter">
      <input
        type="search"
        className="input"
        aria-label="Find runs"
        placeholder="Find: words, K=2, lr<0.002, tag:paper"
        title={FILTER_HELP}
        value={filter}
        aria-invalid={problems.length > 0}
        onChange={(event) => setFilter(event.target.value)}
      />
      {problems.length > 0 && (
        <p role="status" className="library-problem">
          {problems.join('; ')}
        </p>
      )}
    </div>
  );
}

/** What the list is ordered by, where it has no room for all of its columns. */
function OrderMenu({ listed, set }: Pick<ViewProps<Listed>, 'set'> & { listed: Listed }) {
  const rows = () =>
    LIST_COLUMNS.map(({ id, label }) => ({ label, onSelect: () => set(orderedBy(listed, id)) }));
  return (
    <Menu className="btn quiet small library-order" label="Order of the list" rows={rows}>
      Order
    </Menu>
  );
}

function Nothing({ isRead, isFiltered }: { isRead: boolean; isFiltered: boolean }) {
  if (!isRead) return <p className="empty">The library is being read…</p>;
  return (
    <p className="empty">
      {isFiltered
        ? 'No run is like that.'
        : 'No run is here yet. Press Start: every run that takes a step is kept here by itself. Curves of other programs come in with “Add CSV…”.'}
    </p>
  );
}

export const about: Explanation = {
  label: 'Library',
  meaning:
    'Every run that took a step is kept here, in this browser, without anyone asking: its settings and live edits, all metrics, routing, samples and its last checkpoints. Curves of other programs come in as CSV files. What is deleted can be taken back until the page is left.',
};

/** Runs of this and earlier visits: found, ordered, looked at, forked, compared, deleted. */
export default function LibraryPanel({ value: listed, set }: ViewProps<Listed>) {
  const { library } = useLab();
  const all = useLibrary((s) => s.rows);
  const isRead = useLibrary((s) => s.isRead);
  const [filter, setFilter] = useState('');
  const [openId, setOpenId] = useState<string | null>(null);
  const wanted = useDeferredValue(filter);
  const { order, isDescending } = listed;
  const { rows, problems } = useMemo(
    () => listedRows(all, wanted, { order, isDescending }),
    [all, wanted, order, isDescending],
  );
  const { reading, add, cancel } = useCurves();
  useEffect(() => void library.getState().read(), [library]);
  const commands = useRef<RowCommands>({
    look: (id) => setOpenId((now) => (now === id ? null : id)),
    narrow: (part) => setFilter((text) => (text.includes(part) ? text : `${text} ${part}`.trim())),
  }).current;
  const open = all.find(({ id }) => id === openId);
  const count =
    rows.length === all.length
      ? formatCount(all.length)
      : `${formatCount(rows.length)} of ${formatCount(all.length)}`;
  return (
    <PanelFrame
      className="library"
      sub={isRead ? `${count} ${all.length === 1 ? 'run' : 'runs'}` : ''}
      tools={
        <>
          <button
            type="button"
            className="btn quiet small"
            aria-pressed={listed.isTree}
            title="Which run was forked from which"
            onClick={() => set({ isTree: !listed.isTree })}
          >
            Lineage
          </button>
          <button
            type="button"
            className="btn quiet small"
            disabled={reading !== null}
            title="Curves of any program: CSV files of TensorBoard, W&B, Lightning or your own, with the columns step and loss"
            onClick={async () => add(await askForFiles('.csv,.tsv,.txt,text/csv', true))}
          >
            Add CSV…
          </button>
        </>
      }
    >
      <div className="library-bar">
        <FilterField filter={filter} setFilter={setFilter} problems={problems} />
        <OrderMenu listed={listed} set={set} />
        <Chosen />
        {reading !== null && <ReadingFile reading={reading} cancel={cancel} />}
      </div>
      <Undo />
      <Damaged />
      <div className={open === undefined ? 'library-both' : 'library-both has-details'}>
        {rows.length === 0 ? (
          <Nothing isRead={isRead} isFiltered={all.length > 0} />
        ) : listed.isTree ? (
          <Lineage rows={rows} look={commands.look} />
        ) : (
          <RunList rows={rows} listed={listed} set={set} openId={openId} commands={commands} />
        )}
        {open !== undefined && <Details key={open.id} row={open} close={() => setOpenId(null)} />}
      </div>
      <Stored />
    </PanelFrame>
  );
}
