import { type KeyboardEvent, memo, useState } from 'react';
import { encodeLink } from '../../config/permalink.ts';
import { experimentToShare } from '../../state/configStore.ts';
import { curvesOf, type KeptRun, MAX_KEPT, stepsKept } from '../../state/keptRuns.ts';
import type { Lab } from '../../state/lab.ts';
import { curvesOfCsv } from '../../state/runFile.ts';
import { askForFiles } from '../files.ts';
import { formatCount } from '../format.ts';
import { Button } from '../shell/Button.tsx';
import { CloseIcon } from '../shell/icons.tsx';
import { useKept, useLab, useRun } from '../useLab.tsx';
import { keptColor } from './useKeptLines.ts';

/** Largest file of curves that is read. */
const MAX_FILE_BYTES = 64e6;

/** Sets the live run aside as it stands, with the link that makes it again. */
function keepLive({ run, config, kept, view }: Lab): void {
  const { metrics, validation, report } = run.getState();
  const { B, S } = (report ?? config.getState()).experiment.batch;
  const number = kept.getState().runs.length + 1;
  try {
    kept.getState().keep({
      ...curvesOf(metrics, validation),
      name: `Run ${number}, ${formatCount(metrics.lastStep)} steps`,
      tokensPerStep: B * S,
      link: encodeLink(experimentToShare(config.getState())),
    });
  } catch (error) {
    view.getState().say(String(error instanceof Error ? error.message : error));
  }
}

/** Adds the curves of files, also of other programs. */
async function addFiles({ kept, view }: Lab): Promise<void> {
  for (const file of await askForFiles('.csv,text/csv', true)) {
    try {
      if (file.size > MAX_FILE_BYTES)
        throw new RangeError(`it has ${file.size} bytes; at most ${MAX_FILE_BYTES} are read`);
      const curves = curvesOfCsv(await file.text());
      const name = file.name.replace(/\.csv$/i, '');
      kept.getState().keep({ ...curves, name, tokensPerStep: null, link: null });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      view.getState().say(`${file.name}: ${reason}`);
    }
  }
}

/** A name that is written anew in its place. */
function Name({ run }: { run: KeptRun }) {
  const { kept } = useLab();
  const [text, setText] = useState(run.name);
  const commit = () => {
    const name = text.trim();
    if (name === '') setText(run.name);
    else if (name !== run.name) kept.getState().change(run.id, { name });
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') event.currentTarget.blur();
    if (event.key === 'Escape') setText(run.name);
  };
  return (
    <input
      className="name"
      aria-label={`Name of ${run.name}`}
      value={text}
      size={Math.max(6, text.length)}
      maxLength={60}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={onKey}
    />
  );
}

const Kept = memo(function Kept({ run }: { run: KeptRun }) {
  const { kept } = useLab();
  const { id, name, color, isVisible, link } = run;
  return (
    <li className={isVisible ? 'kept' : 'kept off'}>
      <button
        type="button"
        className="show"
        aria-pressed={isVisible}
        aria-label={`Show ${name}`}
        title={`${formatCount(stepsKept(run))} steps; click to ${isVisible ? 'hide' : 'show'}`}
        onClick={() => kept.getState().change(id, { isVisible: !isVisible })}
      >
        <i className="swatch" style={{ color: keptColor(color) }} />
      </button>
      <Name run={run} />
      {link !== null && (
        <a href={`#${link}`} title="Load this run's experiment into the settings">
          settings
        </a>
      )}
      <button
        type="button"
        className="btn quiet icon small"
        aria-label={`Delete ${name}`}
        onClick={() => kept.getState().remove(id)}
      >
        <CloseIcon />
      </button>
    </li>
  );
});

/** Runs that are drawn beside the live one: kept from this page, or read from files. */
export function KeptRuns() {
  const lab = useLab();
  const runs = useKept((s) => s.runs);
  const hasCurve = useRun((s) => s.step > 1);
  const isFull = runs.length >= MAX_KEPT;
  return (
    <section className="kept-runs" aria-label="Kept runs">
      <ul>
        {runs.map((run) => (
          <Kept key={run.id} run={run} />
        ))}
      </ul>
      <Button
        className="btn quiet small"
        isOff={!hasCurve || isFull}
        title={
          isFull ? `At most ${MAX_KEPT} runs are kept` : 'Keeps this run’s curves beside later ones'
        }
        onClick={() => keepLive(lab)}
      >
        Keep run
      </Button>
      <Button
        className="btn quiet small"
        isOff={isFull}
        title="Curves of any program: a CSV file with the columns step and loss"
        onClick={() => void addFiles(lab)}
      >
        Add CSV…
      </Button>
    </section>
  );
}
