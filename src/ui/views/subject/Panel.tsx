import { useId } from 'react';
import { experimentAtStep } from '../../../config/edit.ts';
import { isNotCausal } from '../../../config/generation.ts';
import type { RunRow } from '../../../runs/record.ts';
import type { Side } from '../../../state/looks/looked.ts';
import { MOST_BATCHES, type SubjectFields } from '../../../state/looks/subjectFields.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { useInstruments, useLookText, useSides } from '../../kit/instruments.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import { useLab, useLibrary, useRun } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import './subject.css';

const LIVE = '';
const LAST = 'last';

/** Runs whose model can be asked: those of which a checkpoint is stored. */
function askable(rows: readonly RunRow[]): readonly RunRow[] {
  return rows.filter(
    ({ experiment, checkpoints }) => experiment !== null && checkpoints.length > 0,
  );
}

interface RunChoiceProps {
  label: string;
  none: string;
  rows: readonly RunRow[];
  run: string;
  step: number | null;
  choose(run: string): void;
  chooseStep(step: number | null): void;
}

/** A run, and which of its checkpoints. */
function RunChoice({ label, none, rows, run, step, choose, chooseStep }: RunChoiceProps) {
  const id = useId();
  const checkpoints = rows.find((row) => row.id === run)?.checkpoints ?? [];
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <span className="subject-run">
        <select
          id={id}
          className="select"
          value={run}
          onChange={(event) => choose(event.target.value)}
        >
          <option value={LIVE}>{none}</option>
          {rows.map((row) => (
            <option key={row.id} value={row.id}>
              {row.name}
            </option>
          ))}
        </select>
        {run !== LIVE && (
          <select
            className="select"
            aria-label={`${label}: checkpoint`}
            value={step ?? LAST}
            onChange={({ target: { value } }) => chooseStep(value === LAST ? null : Number(value))}
          >
            <option value={LAST}>last checkpoint</option>
            {checkpoints.map((checkpoint) => (
              <option key={checkpoint.step} value={checkpoint.step}>
                step {checkpoint.step.toLocaleString('en')}
              </option>
            ))}
          </select>
        )}
      </span>
    </>
  );
}

function Models() {
  const { library } = useLab();
  const { sides } = useInstruments();
  const rows = askable(useLibrary((s) => s.rows));
  const shown = useLibrary((s) => s.shown?.head.id) ?? LIVE;
  const step = useSides((s) => s.step);
  const against = useSides((s) => s.against);
  return (
    <>
      <RunChoice
        label="Model"
        none="The live run"
        rows={rows}
        run={shown}
        step={step}
        choose={(run) =>
          run === LIVE ? library.getState().hide() : void library.getState().show(run)
        }
        chooseStep={(step) => sides.getState().setStep(step)}
      />
      <RunChoice
        label="Beside"
        none={rows.length === 0 ? 'No stored run has a checkpoint' : 'Nothing'}
        rows={rows}
        run={against?.run ?? LIVE}
        step={against?.step ?? null}
        choose={(run) =>
          void sides.getState().compareWith(run === LIVE ? null : { run, step: null })
        }
        chooseStep={(step) =>
          void sides.getState().compareWith(against && { run: against.run, step })
        }
      />
    </>
  );
}

function Text({ value, set }: Pick<ViewProps<SubjectFields>, 'value' | 'set'>) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>Text</label>
      <span className="subject-run">
        <select
          id={id}
          className="select"
          value={value.text}
          onChange={(event) => set({ text: event.target.value === 'own' ? 'own' : 'validation' })}
        >
          <option value="validation">Validation</option>
          <option value="own">Your own</option>
        </select>
        {value.text === 'validation' ? (
          <span className="subject-batches">
            <WholeNumber
              label="Batches"
              value={value.batches}
              min={1}
              max={MOST_BATCHES}
              change={(batches) => set({ batches })}
            />{' '}
            batches
          </span>
        ) : (
          <textarea
            className="input subject-own"
            aria-label="Your own text"
            placeholder="Type or paste; validation text until then"
            rows={2}
            value={value.own}
            onChange={(event) => set({ own: event.target.value })}
          />
        )}
      </span>
    </>
  );
}

/** Losses of a model that looks ahead are marked, for all instruments at once. */
function Causality({ side: { name, source } }: { side: Side }) {
  const { experiment } = useHead(source);
  const { router } = experimentAtStep(experiment, source.step + 1);
  if (!isNotCausal(router)) return null;
  return (
    <p className="muted">
      {name}: losses of the text are not causal, since what a token is given depends on later ones.
    </p>
  );
}

export const about: Explanation = {
  label: 'Model, text and comparison',
  meaning:
    'All instruments look at the same: one model at one step, on one text, beside another model on the same tokens if you like. A run that trains is looked at again every few seconds; its training stays as it is, bit for bit.',
};

/** Which model, which text, and what they are compared with: for all instruments. */
export default function SubjectPanel({ value, set }: ViewProps<SubjectFields>) {
  const { sides } = useInstruments();
  const isHeld = useSides((s) => s.isHeld);
  const looked = useSides((s) => s.sides);
  const isLive = useSides((s) => s.sides.some(({ subject }) => subject === 'live'));
  const phase = useRun((s) => s.phase);
  const text = useLookText();
  return (
    <PanelFrame
      className="subject"
      sub={'validation' in text ? 'validation text' : 'your own text'}
      tools={
        isLive && (
          <button
            type="button"
            className="btn small"
            aria-pressed={isHeld}
            title="Whether instruments stay at the step that they show while the run trains"
            onClick={() => sides.getState().setHeld(!isHeld)}
          >
            {isHeld ? 'Held' : phase === 'running' ? 'Following' : 'Hold'}
          </button>
        )
      }
    >
      <div className="subject-fields">
        <Models />
        <Text value={value} set={set} />
      </div>
      {looked.map((side) => (
        <Causality key={side.key} side={side} />
      ))}
    </PanelFrame>
  );
}
