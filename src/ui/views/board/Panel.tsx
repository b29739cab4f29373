import type { CurvesByLayer } from '../../../state/conversion/curves.ts';
import { convertedLayers, isWhole, studentOf } from '../../../state/conversion/students.ts';
import type { ConversionState, StudentChoice } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { ConversionPanel } from '../../kit/ConversionPanel.tsx';
import { ConversionWork } from '../../kit/ConversionWork.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { Layers } from './Layers.tsx';
import { LossByLayer } from './LossByLayer.tsx';
import { boardRows } from './rows.ts';
import { Student } from './Student.tsx';
import './board.css';

/** Whether layers are left to be trained, or students of them to be measured. */
function isLeft(state: ConversionState, curves: CurvesByLayer): boolean {
  if (!isWhole(state) || state.digest === null) return true;
  const rows = boardRows(state, 0, curves).filter(({ isChosen }) => isChosen);
  return rows.some(({ alone, upward }) => alone === undefined || upward === undefined);
}

/** Begins again what was stopped. */
function GoOn({ state }: { state: ConversionState }) {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const curves = useConversion((s) => s.curves);
  if (busy || !isLeft(state, curves)) return null;
  return (
    <Button className="btn small" onClick={() => void store.getState().goOn()}>
      Go on
    </Button>
  );
}

/** Whether a link's conversion came to what its sender had, once all layers are converted. */
function Replayed({ state: { expected, digest } }: { state: ConversionState }) {
  if (expected === null || digest === null) return null;
  return expected === digest ? (
    <p className="board-replayed" role="status">
      <span className="tag good">identical</span> Every layer has the bits that the sender’s has.
    </p>
  ) : (
    <p className="board-replayed" role="status">
      <span className="tag warn">different</span>{' '}
      {`The layers came out with the digest ${digest}, the sender’s with ${expected}: another adapter rounds otherwise.`}
    </p>
  );
}

/** The layers, which follow the steps as they are taken. */
function LiveLayers({
  state,
  student,
  teacher,
}: {
  state: ConversionState;
  student: StudentChoice;
  teacher: number | null;
}) {
  const curves = useConversion((s) => s.curves);
  useConversion((s) => s.version);
  const rows = boardRows(state, student.seed ?? 0, curves);
  return <Layers rows={rows} student={student} teacher={teacher} />;
}

function Board({ state }: { state: ConversionState }) {
  const chosen = useConversion((s) => s.student);
  const student = studentOf(state, chosen);
  const curves = useConversion((s) => s.curves);
  const rows = boardRows(state, student.seed ?? 0, curves);
  const teacher = state.students.find(({ layers }) => layers.length === 0)?.ce ?? null;
  return (
    <>
      <ConversionWork />
      <Replayed state={state} />
      <LiveLayers state={state} student={student} teacher={teacher} />
      {convertedLayers(state).length > 0 && <Student state={state} />}
      {teacher !== null && <LossByLayer state={state} rows={rows} teacher={teacher} />}
    </>
  );
}

/** Every layer: dense or converted, what it costs, and whether it stands in the student. */
export default function BoardPanel() {
  return (
    <ConversionPanel
      className="board"
      sub={(state) =>
        `${state.name}: ${convertedLayers(state).length} of ${state.layers.filter(({ isChosen }) => isChosen).length} layers converted`
      }
      tools={(state) => <GoOn state={state} />}
    >
      {(state) => <Board state={state} />}
    </ConversionPanel>
  );
}
