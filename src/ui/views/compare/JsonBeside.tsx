import { useMemo, useState } from 'react';
import { jsonLines } from '../../../analysis/compare/jsonLines.ts';
import type { ComparedRun } from '../../../analysis/compare/places.ts';
import { foldedBySeed } from '../../../analysis/compare/settings.ts';
import { counted } from '../../../config/plural.ts';
import { RunSwatch } from '../../kit/RunSwatch.tsx';
import { ScrollX } from '../../kit/ScrollX.tsx';
import type { Compared } from './compared.ts';
import { nameOfRow } from './useCompared.ts';

/** Experiments that stand beside each other. */
const MOST = 8;

interface Column {
  run: ComparedRun;
  name: string;
}

/** One column per run; folded, one per row of the table. */
function columnsOf(runs: readonly ComparedRun[], { isFolded }: Pick<Compared, 'isFolded'>) {
  const known = runs.filter(({ row }) => row.experiment !== null);
  const folds = isFolded ? foldedBySeed(known) : known.map((run) => [run]);
  return folds.flatMap(([run, ...others]): Column[] =>
    run === undefined ? [] : [{ run, name: nameOfRow({ runs: [run, ...others] }) }],
  );
}

/** The experiments of compared runs as JSON, beside each other; lines that differ are marked. */
export function JsonBeside({ runs, value }: { runs: readonly ComparedRun[]; value: Compared }) {
  const [onlyDifferent, setOnly] = useState(true);
  const { isFolded } = value;
  const all = useMemo(() => columnsOf(runs, { isFolded }), [runs, isFolded]);
  const columns = all.slice(0, MOST);
  const lines = useMemo(
    () => jsonLines(all.slice(0, MOST).flatMap(({ run }) => run.row.experiment ?? [])),
    [all],
  );
  if (columns.length === 0) return <p className="empty">None of these runs has an experiment.</p>;
  const different = lines.filter(({ isDifferent, isBracket }) => isDifferent && !isBracket);
  const shown = onlyDifferent ? different : lines;
  return (
    <section className="compare-json" aria-label="Experiments as JSON">
      <p>
        <label>
          <input
            type="checkbox"
            checked={onlyDifferent}
            onChange={(event) => setOnly(event.target.checked)}
          />{' '}
          only what differs
        </label>
        <span className="muted">
          {counted(different.length, 'value')} {different.length === 1 ? 'differs' : 'differ'}
          {all.length > MOST &&
            `; the first ${MOST} of ${all.length} experiments: choose the others in the library`}
        </span>
      </p>
      {shown.length === 0 ? (
        <p className="empty">These experiments are the same.</p>
      ) : (
        <ScrollX label="Experiments beside each other" className="compare-lines">
          <table>
            <thead>
              <tr>
                <td />
                {columns.map(({ run, name }) => (
                  <th key={run.row.id} scope="col">
                    <RunSwatch place={run.row.color} /> {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ path, texts, isDifferent }, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a path stands at its brackets too
                <tr key={`${path} ${i}`} className={isDifferent ? 'different' : undefined}>
                  <td className="compare-mark">
                    {isDifferent && (
                      <>
                        <span aria-hidden="true">≠</span>
                        <span className="visually-hidden">differs: {path}</span>
                      </>
                    )}
                  </td>
                  {texts.map((text, at) => (
                    <td key={columns[at]?.run.row.id}>
                      <code>{onlyDifferent ? lineOf(path, text) : (text ?? '')}</code>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
    </section>
  );
}

/** A line that stands alone: with the whole path in its name's place. */
function lineOf(path: string, text: string | null): string {
  return text === null ? '' : text.trim().replace(/^"[^"]*"(?=:)/, path);
}
