import type { StudentChoice } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { formatCount, formatLoss, formatShort } from '../../kit/format.ts';
import { ResetIcon } from '../../kit/icons.tsx';
import { lossDifference } from '../../kit/lossDifference.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { type BoardRow, STATUS } from './rows.ts';

/** A loss and how much more than the teacher's it is. */
function Loss({ ce, teacher }: { ce: number | undefined; teacher: number | null }) {
  if (ce === undefined) return <span className="muted">–</span>;
  return (
    <>
      {formatLoss(ce)}
      {teacher !== null && <span className="board-more">{lossDifference(ce, teacher)}</span>}
    </>
  );
}

function Status({ row }: { row: BoardRow }) {
  const { status, taken, total } = row;
  const { glyph, word, tag } = STATUS[status];
  return (
    <>
      <span className={tag}>
        <span aria-hidden="true">{glyph}</span>
        {word}
      </span>
      {(status === 'training' || status === 'stopped') && (
        <span className="board-steps num muted">
          <progress max={total} value={taken} aria-label={`Steps of layer ${row.layer}`} />
          {`${formatCount(taken)} / ${formatCount(total)}`}
        </span>
      )}
    </>
  );
}

interface LayersProps {
  rows: readonly BoardRow[];
  /** The student that is chosen. */
  student: StudentChoice;
  teacher: number | null;
}

/** The layers, the last on top: what stands in the student, and what each costs. */
export function Layers({ rows, student, teacher }: LayersProps) {
  const store = useConversions();
  const busy = useConversion(isBusy);
  function toggle(layer: number): void {
    const layers = student.layers.includes(layer)
      ? student.layers.filter((l) => l !== layer)
      : [...student.layers, layer].sort((a, b) => a - b);
    store.getState().chooseStudent({ ...student, layers });
  }
  return (
    <ScrollX label="Layers of the model" className="board-box">
      <table className="data board-layers">
        <thead>
          <tr>
            <th scope="col">
              <abbr title="Layer">L</abbr>
            </th>
            <th scope="col">In student</th>
            <th scope="col">Status</th>
            <th scope="col" className="num">
              mse
            </th>
            <th scope="col" className="num">
              Loss alone
            </th>
            <th scope="col" className="num">
              Loss upward
            </th>
            <th scope="col">
              <span className="visually-hidden">Train again</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { layer, status } = row;
            const isIn = student.layers.includes(layer);
            return (
              <tr key={layer} data-status={status}>
                <th scope="row" className="num">{`L${layer}`}</th>
                <td>
                  <button
                    type="button"
                    className="btn small board-toggle"
                    aria-pressed={isIn}
                    aria-label={`Layer ${layer} in the student: ${isIn ? 'MoE' : 'dense'}`}
                    disabled={status !== 'converted'}
                    onClick={() => toggle(layer)}
                  >
                    {isIn ? 'MoE' : 'dense'}
                  </button>
                </td>
                <td>
                  <Status row={row} />
                </td>
                <td className="num">{row.mse === null ? '–' : formatShort(row.mse)}</td>
                <td className="num">
                  <Loss ce={row.alone?.ce} teacher={teacher} />
                </td>
                <td className="num">
                  <Loss ce={row.upward?.ce} teacher={teacher} />
                </td>
                <td>
                  {status !== 'dense' && (
                    <Button
                      className="btn quiet icon small"
                      isOff={busy}
                      aria-label={`Train layer ${layer} again`}
                      title={`Train layer ${layer} again`}
                      onClick={() => void store.getState().redo(layer)}
                    >
                      <ResetIcon />
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollX>
  );
}
