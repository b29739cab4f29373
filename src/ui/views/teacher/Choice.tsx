import { useId } from 'react';
import type { Experiment } from '../../../config/experiment.ts';
import type { RunRow } from '../../../runs/record.ts';
import { Button } from '../../kit/Button.tsx';
import { useConversion, useConversions } from '../../kit/conversion.ts';
import { askForFile } from '../../kit/files.ts';
import { formatCompact, formatCount } from '../../kit/format.ts';
import { useConfig, useLab, useRun } from '../../kit/useLab.tsx';
import { choiceOf, choiceValue, FILE, isDense, LIVE, TEACHER_PRESETS } from './teachers.ts';

/** Trains a teacher where there is none: the form's own dense model, or a preset's. */
export function TrainTeacher() {
  const { commands } = useLab();
  const experiment = useConfig((s) => s.experiment);
  const phase = useRun((s) => s.phase);
  const isFormDense = isDense(experiment);
  async function train(preset: Experiment | null): Promise<void> {
    if (preset !== null && !(await commands.load(preset, [], 'The dense teacher'))) return;
    await commands.start();
  }
  return (
    <div className="teacher-train">
      <p>A conversion begins with a dense model that was trained.</p>
      <div className="teacher-buttons">
        {isFormDense && (
          <Button
            className="btn primary"
            isOff={phase === 'running' || phase === 'opening'}
            onClick={() => void train(null)}
          >
            Train the form’s dense model
          </Button>
        )}
        {TEACHER_PRESETS.map(({ id, title, experiment: preset }) => (
          <Button
            key={id}
            className={isFormDense ? 'btn' : 'btn primary'}
            isOff={phase === 'opening'}
            title={TEACHER_PRESETS.find((one) => one.id === id)?.remark}
            onClick={() => void train(preset)}
          >
            {`Train: ${title}`}
          </Button>
        ))}
      </div>
    </div>
  );
}

function Training() {
  const step = useRun((s) => s.step);
  const phase = useRun((s) => s.phase);
  const total = useConfig((s) => (s.running ?? s.experiment).optimizer.totalSteps);
  if (phase !== 'running' && phase !== 'opening') return null;
  return (
    <p className="teacher-training">
      <progress max={total} value={step} aria-label="Steps of the open run" />
      <span className="num">
        {phase === 'opening'
          ? 'The open run is prepared.'
          : `The open run trains: step ${formatCount(step)} of ${formatCount(total)}. It can be converted at any step.`}
      </span>
    </p>
  );
}

const nameOf = ({ name, experiment, steps }: RunRow) =>
  `${name} · ${experiment === null ? '' : `D ${experiment.model.D}, ${experiment.model.L} layers, `}step ${formatCompact(steps)}`;

/** Opens a checkpoint file; what one of another program does not tell is asked first. */
export function useFileTeacher(): (file: File) => Promise<void> {
  const { runFiles, view } = useLab();
  const store = useConversions();
  return async (file) => {
    try {
      const given = new Uint8Array(await file.arrayBuffer());
      const bytes = await runFiles.ownCheckpoint(given, file.name);
      if (bytes !== null) store.getState().choose({ file: file.name, bytes });
    } catch (error) {
      view.getState().say(`${file.name} could not be read: ${String(error)}`);
    }
  };
}

/** Whose layers are converted: the open run, a run of the library, a file. */
export function TeacherSelect({
  runs,
  canBeLive,
}: {
  runs: readonly RunRow[];
  canBeLive: boolean;
}) {
  const store = useConversions();
  const teacher = useConversion((s) => s.teacher);
  const step = useRun((s) => s.step);
  const openFile = useFileTeacher();
  const id = useId();
  const isFile = typeof teacher === 'object' && teacher !== null && 'bytes' in teacher;
  async function ask(): Promise<void> {
    const file = await askForFile('.safetensors');
    if (file !== null) await openFile(file);
  }
  return (
    <div className="teacher-choice">
      <label htmlFor={id}>Teacher</label>
      <select
        id={id}
        className="select"
        value={choiceValue(teacher)}
        onChange={({ target }) => store.getState().choose(choiceOf(target.value))}
      >
        {teacher === null && <option value="">Choose a dense model</option>}
        {canBeLive && <option value={LIVE}>{`The open run, at step ${formatCount(step)}`}</option>}
        {runs.length > 0 && (
          <optgroup label="Dense runs of the library">
            {runs.map((row) => (
              <option key={row.id} value={row.id}>
                {nameOf(row)}
              </option>
            ))}
          </optgroup>
        )}
        {isFile && <option value={FILE}>{teacher.file}</option>}
      </select>
      <Button className="btn" onClick={() => void ask()}>
        Checkpoint file…
      </Button>
      <Training />
    </div>
  );
}
