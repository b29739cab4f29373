import {
  type KeyboardEvent,
  memo,
  useCallback,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { encodeSealed } from '../../../config/permalink.ts';
import { experimentToShare } from '../../../state/configStore.ts';
import { isCopy } from '../../../state/keptRows.ts';
import {
  curvesOf,
  type KeptRun,
  type KeptState,
  MAX_KEPT,
  nextRunName,
  stepsKept,
} from '../../../state/keptRuns.ts';
import type { Lab } from '../../../state/lab.ts';
import { Button } from '../../kit/Button.tsx';
import { runColor } from '../../kit/charts/runLook.ts';
import { knowsTokens } from '../../kit/charts/useKeptLines.ts';
import { ReadingFile } from '../../kit/curveFiles/ReadingFile.tsx';
import type { FileRun } from '../../kit/curveFiles/readAway.ts';
import { useCurveFiles } from '../../kit/curveFiles/useCurveFiles.ts';
import { askForFiles } from '../../kit/files.ts';
import { formatCount } from '../../kit/format.ts';
import { CloseIcon } from '../../kit/icons.tsx';
import { useKept, useLab, useView } from '../../kit/useLab.tsx';

/** Sets the live run aside as it stands, with the link that makes it again. */
function keepLive({ run, config, kept, view }: Lab): void {
  const { metrics, validation, report, recording } = run.getState();
  const { B, S } = (report ?? config.getState()).experiment.batch;
  try {
    kept.getState().keep({
      ...curvesOf(metrics, validation),
      ...(recording && { id: recording.id }),
      name: nextRunName(kept.getState().runs, metrics.lastStep),
      tokensPerStep: B * S,
      link: encodeSealed(experimentToShare(config.getState())),
    });
  } catch (error) {
    view.getState().say(String(error instanceof Error ? error.message : error));
  }
}

/** Takes a run off the chart; one that is stored nowhere else is deleted as in the library, which can take it back. */
async function remove({ kept, library, view }: Lab, { id, name }: KeptRun): Promise<void> {
  const row = library.getState().rows.find((one) => one.id === id);
  if (row === undefined || !isCopy(row)) {
    kept.getState().remove(id);
    return;
  }
  await library.getState().remove([id]);
  if (library.getState().deleted?.rows.some((one) => one.id === id))
    view.getState().say(`${name} was deleted; “Undo” in the library brings it back.`);
}

/** A name that is written anew in its place. */
function Name({ run }: { run: KeptRun }) {
  const { kept } = useLab();
  const [text, setText] = useState(run.name);
  // The library renames it too.
  useEffect(() => setText(run.name), [run.name]);
  const commit = () => {
    const name = text.trim();
    if (name === '') setText(run.name);
    else if (name !== run.name) {
      kept.getState().change(run.id, { name });
      // Another run may be called so already.
      setText(kept.getState().runs.find(({ id }) => id === run.id)?.name ?? name);
    }
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

/** What a person should know of a run's curves before comparing them; null for nothing. */
function noteOf(run: KeptRun): { text: string; title: string } | null {
  const { resumedAt, repeated } = run;
  if (resumedAt.length > 0) {
    const steps = resumedAt.map(formatCount).join(', ');
    return {
      text: `resumed at ${steps}`,
      title: `The file goes back to step ${steps}: what it had logged from there on before is left out`,
    };
  }
  if (repeated === 0) return null;
  return {
    text: 'repeated steps',
    title: `${formatCount(repeated)} rows stand at the step of the row before: the later value counts`,
  };
}

function Note({ text, title }: { text: string; title: string }) {
  return (
    <span className="note" title={title}>
      {text}
    </span>
  );
}

/** Keeps the runs of a file as long as there is room. @throws RangeError where some were left out */
function keepAll(kept: KeptState, file: string, runs: readonly FileRun[]): void {
  const room = MAX_KEPT - kept.runs.length;
  for (const { name, ...curves } of runs.slice(0, room)) {
    const own = name ?? file.replace(/\.csv$/i, '');
    kept.keep({ ...curves, name: own, tokensPerStep: null, link: null });
  }
  if (runs.length > room)
    throw new RangeError(
      `it holds ${runs.length} runs; ${room} of them fit beside the ${MAX_KEPT - room} there are (at most ${MAX_KEPT})`,
    );
}

const Kept = memo(function Kept({ run }: { run: KeptRun }) {
  const lab = useLab();
  const { kept } = lab;
  const { id, name, color, isVisible, link, columns } = run;
  const isLeftOut = useView((s) => s.xUnit === 'tokens') && !knowsTokens(run);
  const note = noteOf(run);
  return (
    <li className={isVisible ? 'loss-run' : 'loss-run off'}>
      <button
        type="button"
        className="show"
        aria-pressed={isVisible}
        aria-label={`Show ${name}`}
        title={`${formatCount(stepsKept(run))} values; click to ${isVisible ? 'hide' : 'show'}`}
        onClick={() => kept.getState().change(id, { isVisible: !isVisible })}
      >
        <i className="swatch" style={{ color: runColor(color) }} />
      </button>
      <Name run={run} />
      {columns.validation !== undefined && (
        <i
          className="swatch dashed"
          role="img"
          aria-label="with validation, dashed"
          title="Its validation loss is drawn dashed"
          style={{ color: runColor(color) }}
        />
      )}
      {isLeftOut && (
        <Note
          text="no tokens"
          title="Left out: nobody knows how many tokens this run has seen at its steps"
        />
      )}
      {note !== null && <Note {...note} />}
      {link !== null && (
        <a href={`#${link}`} title="Load this run's experiment into the settings">
          settings
        </a>
      )}
      <button
        type="button"
        className="btn quiet icon small"
        aria-label={`Delete ${name}`}
        onClick={() => void remove(lab, run)}
      >
        <CloseIcon />
      </button>
    </li>
  );
});

/** Why a button that adds runs cannot be used; null where it can. */
function hindrance(runs: readonly KeptRun[], isEmpty: boolean): string | null {
  if (runs.length >= MAX_KEPT)
    return `${runs.length} runs are kept, and at most ${MAX_KEPT}: delete one first`;
  return isEmpty ? 'There is no curve to keep yet: train a step first' : null;
}

/** Runs that are drawn beside the live one: kept from this page, or read from files. */
export function KeptRuns({ source }: { source: RunSource }) {
  const lab = useLab();
  const runs = useKept((s) => s.runs);
  const hasCurve = useSyncExternalStore(
    source.subscribe,
    () => source.step > 0 && source.line('ce').values.length > 0,
  );
  const take = useCallback(
    (file: string, found: readonly FileRun[]) => keepAll(lab.kept.getState(), file, found),
    [lab],
  );
  const { reading, add, cancel } = useCurveFiles(take);
  const whyNotKeep = hindrance(runs, !hasCurve);
  const whyNotAdd = hindrance(runs, false);
  return (
    <section className="loss-kept" aria-label="Kept runs">
      <ul>
        {runs.map((run) => (
          <Kept key={run.id} run={run} />
        ))}
      </ul>
      <Button
        className="btn quiet small"
        isOff={whyNotKeep !== null}
        title={whyNotKeep ?? 'Keeps this run’s curves beside later ones'}
        onClick={() => keepLive(lab)}
      >
        Keep run
      </Button>
      <Button
        className="btn quiet small"
        isOff={whyNotAdd !== null || reading !== null}
        title={
          whyNotAdd ??
          (reading !== null ? 'A file is being read' : null) ??
          'Curves of any program: CSV files of TensorBoard, W&B, Lightning or your own, with the columns step and loss'
        }
        onClick={async () => add(await askForFiles('.csv,.tsv,.txt,text/csv', true))}
      >
        Add CSV…
      </Button>
      {reading !== null && <ReadingFile reading={reading} cancel={cancel} />}
    </section>
  );
}
