import { useEffect, useMemo, useState } from 'react';
import { parseJson } from '../../../config/json.ts';
import { counted } from '../../../config/plural.ts';
import type { SweepResult } from '../../../recipes/sweep.ts';
import {
  decodePlan,
  encodePlan,
  MAX_PLAN,
  NEW_PLAN,
  type SweepPlan,
} from '../../../state/papers/sweepPlan.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { askForFile, saveFile } from '../../kit/files.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { usePapers, usePapersState, useQueue } from '../../kit/papers.ts';
import { useLab } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import type { SweepsFields } from './fields.ts';
import { Maker } from './Maker.tsx';
import { Results } from './Results.tsx';
import './sweeps.css';

export const about: Explanation = {
  label: 'Sweeps',
  meaning:
    'Any settings over values and seeds: any metric against any setting, and what no point beats in both loss and FLOPs.',
};

/** The plan of the link, as it is edited here. */
function usePlan({ value, set }: Pick<ViewProps<SweepsFields>, 'value' | 'set'>) {
  const { view } = useLab();
  const plan = useMemo(() => decodePlan(value.plan) ?? NEW_PLAN, [value.plan]);
  const change = (part: Partial<SweepPlan>) => {
    const next = encodePlan({ ...plan, ...part });
    if (next.length <= MAX_PLAN) set({ plan: next });
    else view.getState().say(`A plan of ${next.length} letters; at most ${MAX_PLAN} are kept.`);
  };
  return { plan, change };
}

/** @throws RangeError, naming the file and the reason, for what is no result of a sweep */
async function resultIn(name: string, text: string): Promise<SweepResult> {
  const { parseSweepResult } = await import('../../../recipes/parseResult.ts');
  try {
    return parseSweepResult(parseJson(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${name}: ${reason}`, { cause: error });
  }
}

interface Shown {
  name: string;
  result: SweepResult;
}

/** The results that are shown: of a file, of the item that was chosen, else of the latest one. */
function useShown(item: string, file: Shown | null): Shown | null {
  const papers = usePapers();
  const items = usePapersState((s) => s.queue?.items) ?? [];
  const sweeps = usePapersState((s) => s.sweeps);
  const own = items.filter(({ request, hasResults }) => request.kind === 'sweep' && hasResults);
  const chosen = own.find(({ id }) => id === item) ?? own.at(-1);
  const id = chosen?.id;
  useEffect(() => {
    if (id !== undefined) void papers.readSweep(id);
  }, [papers, id]);
  if (file !== null && item === '') return file;
  const result = id === undefined ? undefined : sweeps.get(id);
  return chosen === undefined || result === undefined ? null : { name: chosen.title, result };
}

interface ToolsProps {
  item: string;
  /** Results that were opened, if any; they can be chosen among those of the queue. */
  file: Shown | null;
  shown: Shown | null;
  set: (part: Partial<SweepsFields>) => void;
  open: (file: Shown) => void;
}

function Tools({ item, file, shown, set, open }: ToolsProps) {
  const { view } = useLab();
  const all = usePapersState((s) => s.queue?.items) ?? [];
  const items = all.filter(({ request, hasResults }) => request.kind === 'sweep' && hasResults);
  async function read(): Promise<void> {
    const asked = await askForFile('.json,application/json');
    if (asked === null) return;
    try {
      open({ name: asked.name, result: await resultIn(asked.name, await asked.text()) });
      set({ item: '' });
    } catch (error) {
      view.getState().say(error instanceof Error ? error.message : String(error));
    }
  }
  return (
    <div className="sweeps-tools">
      {items.length + (file === null ? 0 : 1) > 1 && (
        <select
          className="select compact"
          aria-label="Sweep whose results are shown"
          value={item}
          onChange={({ target: { value } }) => set({ item: value })}
        >
          <option value="">{file?.name ?? 'the latest'}</option>
          {items.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      )}
      <button type="button" className="btn quiet small" onClick={() => void read()}>
        Open results…
      </button>
      {shown !== null && (
        <button
          type="button"
          className="btn quiet small"
          onClick={() =>
            saveFile(
              'switchyard-sweep-results.json',
              `${JSON.stringify(shown.result)}\n`,
              'application/json',
            )
          }
        >
          Save results
        </button>
      )}
    </div>
  );
}

/** Sweeps of a person's own: made, started, and what they found. */
export default function SweepsPanel({ value, set }: ViewProps<SweepsFields>) {
  useQueue();
  const { plan, change } = usePlan({ value, set });
  const [file, setFile] = useState<Shown | null>(null);
  const shown = useShown(value.item, file);
  return (
    <PanelFrame className="sweeps" sub="any settings, over values and seeds">
      <Maker plan={plan} change={change} />
      <div className="sweeps-head">
        <h3>
          {shown === null
            ? 'Results'
            : `${shown.name}: ${counted(shown.result.runs.length, 'run')}`}
        </h3>
        <Tools item={value.item} file={file} shown={shown} set={set} open={setFile} />
      </div>
      {shown === null ? (
        <p className="empty">
          No sweep has results yet. Start one, or open a file of “npm run sweep”.
        </p>
      ) : (
        <Results result={shown.result} value={value} set={set} />
      )}
    </PanelFrame>
  );
}
