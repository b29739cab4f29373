import { type DragEvent, useEffect, useMemo } from 'react';
import { planKey } from '../../../state/conversion/plan.ts';
import { Button } from '../../kit/Button.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useConfig, useLab, useLibrary, useRun } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { TeacherSelect, TrainTeacher, useFileTeacher } from './Choice.tsx';
import type { TeacherFields } from './fields.ts';
import { Plan } from './Plan.tsx';
import { Rows } from './Rows.tsx';
import { otherRefusals, settingsOf } from './rows.ts';
import { Stored } from './Stored.tsx';
import { readSettings, writeSettings } from './setSettings.ts';
import { denseRuns, experimentOf, firstTeacher, isDense } from './teachers.ts';
import './teacher.css';

/** Who can be a teacher, and who is; the first is chosen where nobody was. */
function useTeacher() {
  const store = useConversions();
  const rows = useLibrary((s) => s.rows);
  const isRead = useLibrary((s) => s.isRead);
  const running = useConfig((s) => s.running);
  const openId = useRun((s) => s.recording?.id ?? null);
  const isTrained = useRun((s) => s.step > 0 && s.phase !== 'opening');
  const teacher = useConversion((s) => s.teacher);
  const canBeLive = isTrained && running !== null && isDense(running);
  const chosen =
    typeof teacher === 'object' && teacher !== null && 'run' in teacher ? teacher.run : null;
  const runs = useMemo(
    () => denseRuns(rows).filter(({ id }) => id !== openId || id === chosen),
    [rows, openId, chosen],
  );
  const isDeleted = chosen !== null && isRead && !runs.some(({ id }) => id === chosen);
  const isGone = isDeleted || (teacher === 'live' && !canBeLive);
  useEffect(() => {
    if (teacher !== null && !isGone) return;
    const first = firstTeacher(canBeLive, runs);
    if (first !== null || isGone) store.getState().choose(first);
  }, [store, teacher, isGone, canBeLive, runs]);
  return { runs, canBeLive, teacher, experiment: experimentOf(teacher, running, rows) };
}

/** Who is converted, and how: what to expect of it, and where it begins. */
export default function TeacherPanel({ value, set }: ViewProps<TeacherFields>) {
  const settings = useMemo(() => readSettings(value.settings), [value.settings]);
  const store = useConversions();
  const { view } = useLab();
  const { runs, canBeLive, teacher, experiment } = useTeacher();
  const planned = useConversion((s) => s.planned);
  const busy = useConversion(isBusy);
  const failure = useConversion((s) => s.failure);
  const openFile = useFileTeacher();
  const asked = useMemo(
    () => settingsOf(settings, experiment?.model.denseHidden ?? null),
    [settings, experiment],
  );
  const key = teacher === null ? '' : planKey(teacher, asked);
  // While something computes the adapter is not measured: what it takes is asked again afterwards.
  const isTraining = useRun((s) => s.phase === 'running');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is asked
  useEffect(() => void store.getState().plan(asked), [store, key, isTraining, busy]);
  const refusals = planned?.refusals ?? [];
  const plan = planned?.plan ?? null;
  const isCurrent = planned?.of === key && plan !== null;

  function onDrop(event: DragEvent): void {
    const [file] = event.dataTransfer.files;
    if (file === undefined || !/\.safetensors$/i.test(file.name)) return;
    event.preventDefault();
    void openFile(file);
  }

  async function begin(): Promise<void> {
    view.getState().set({ sought: { view: 'board' } });
    await store.getState().begin(asked);
  }

  return (
    <PanelFrame
      className="teacher"
      sub={plan === null ? '' : `${plan.settings.N} experts per layer`}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button beside does the same by keyboard */}
      <div onDragOver={(event) => event.preventDefault()} onDrop={onDrop}>
        {teacher === null && <TrainTeacher />}
        <TeacherSelect runs={runs} canBeLive={canBeLive} />
        {teacher !== null && (
          <>
            <Rows
              set={settings}
              change={(next) => set({ settings: writeSettings(next) })}
              refusals={refusals}
              domains={plan?.domains ?? null}
              hidden={experiment?.model.denseHidden ?? planned?.teacher?.hidden ?? null}
              layers={experiment?.model.L ?? planned?.teacher?.L ?? null}
            />
            {otherRefusals(refusals).map((text) => (
              <p key={text} className="field-error" role="alert">
                {text}
              </p>
            ))}
            {plan !== null && <Plan plan={plan} />}
            <Button className="btn primary" isOff={!isCurrent || busy} onClick={() => void begin()}>
              Convert
            </Button>
          </>
        )}
        {failure !== null && (
          <p className="field-error" role="alert">
            {failure}
          </p>
        )}
        <Stored />
      </div>
    </PanelFrame>
  );
}
