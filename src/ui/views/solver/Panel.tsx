import { type ReactNode, useId, useState } from 'react';
import { type Candidate, RESOURCES, type Resource } from '../../../accounting/solver.ts';
import { counted } from '../../../config/plural.ts';
import { PRESETS } from '../../../config/presets.ts';
import { Button } from '../../kit/Button.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useConfig, useLab, useRun } from '../../kit/useLab.tsx';
import { Answer } from './Answer.tsx';
import { RESOURCE_LABELS } from './labels.ts';
import { type Asked, askedAtFirst, changeOfCandidate, solveRequest } from './request.ts';
import { createSolver, type Solved } from './solveAway.ts';
import './solver.css';

type TextField = 'ra' | 'K' | 'experts' | 'granularity' | 'ratios' | 'widths' | 'denseHidden';

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="solver-field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

interface FieldsProps {
  asked: Asked;
  set: (values: Partial<Asked>) => void;
}

function Text({
  name,
  label,
  placeholder,
  asked,
  set,
}: FieldsProps & { name: TextField; label: string; placeholder: string }) {
  return (
    <Labelled label={label}>
      {(id) => (
        <input
          id={id}
          className="input num"
          value={asked[name]}
          placeholder={placeholder}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Labelled>
  );
}

function HeldResources({ asked, set }: FieldsProps) {
  const toggle = (resource: Resource) => {
    const others = asked.hold.filter((name) => name !== resource);
    set({ hold: others.length < asked.hold.length ? others : [...asked.hold, resource] });
  };
  return (
    <fieldset className="solver-hold">
      <legend>Hold equal</legend>
      {RESOURCES.map((resource) => (
        <label key={resource}>
          <input
            type="checkbox"
            aria-label={`Hold ${RESOURCE_LABELS[resource]}`}
            checked={asked.hold.includes(resource)}
            onChange={() => toggle(resource)}
          />
          {RESOURCE_LABELS[resource]}
        </label>
      ))}
    </fieldset>
  );
}

function Reference({ asked, set }: FieldsProps) {
  return (
    <>
      <Labelled label="to those of">
        {(id) => (
          <select
            id={id}
            className="select"
            value={asked.reference}
            onChange={(event) => set({ reference: event.target.value })}
          >
            <option value="current">the settings as they are</option>
            <option value="dense">a dense model</option>
            {PRESETS.map((preset) => (
              <option key={preset.id} value={preset.id}>
                {preset.paper}: {preset.title}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      {asked.reference === 'dense' && (
        <Text
          name="denseHidden"
          label="Dense hidden width"
          placeholder="512"
          asked={asked}
          set={set}
        />
      )}
    </>
  );
}

function Target(props: FieldsProps) {
  const { asked, set } = props;
  return (
    <div className="solver-grid">
      <Text {...props} name="ra" label="Activation rate rₐ, %" placeholder="any" />
      <Text {...props} name="experts" label="FFN experts" placeholder="as now" />
      <Text {...props} name="K" label="Slots per token K" placeholder="as now" />
      <Text {...props} name="granularity" label="Granularity" placeholder="solved" />
      <Text {...props} name="ratios" label="Ratios of widths" placeholder="4.5, 0.5, 4, 1, …" />
      <Text {...props} name="widths" label="Widths" placeholder="solved" />
      <Labelled label="Shared expert">
        {(id) => (
          <select
            id={id}
            className="select"
            value={asked.shared}
            onChange={({ target }) =>
              set({
                shared:
                  target.value === 'matched' || target.value === 'keep' ? target.value : 'none',
              })
            }
          >
            <option value="none">none</option>
            <option value="matched">K × mean width (EqualRes)</option>
            <option value="keep">as in the settings</option>
          </select>
        )}
      </Labelled>
      <Labelled label="Widths are multiples of">
        {(id) => (
          <select
            id={id}
            className="select"
            value={asked.widthStep}
            onChange={({ target }) => set({ widthStep: target.value })}
          >
            {['1', '4', '8', '16'].map((step) => (
              <option key={step}>{step}</option>
            ))}
          </select>
        )}
      </Labelled>
      <label className="solver-check">
        <input
          type="checkbox"
          aria-label="A negated twin for every expert"
          checked={asked.negated}
          onChange={() => set({ negated: !asked.negated })}
        />
        negated twins
      </label>
      <label className="solver-check">
        <input
          type="checkbox"
          aria-label="Keep the slots without matmul"
          checked={asked.extra}
          onChange={() => set({ extra: !asked.extra })}
        />
        keep the slots without matmul
      </label>
    </div>
  );
}

/** A proposal in a sentence, for those who listen: its tables are read when they are wanted. */
function spoken({ config: { router, experts } }: Candidate): string {
  return `Found: K = ${router.K} of ${counted(experts.slots.length, 'slot')}`;
}

export const about: Explanation = {
  label: 'Resource solver',
  meaning:
    'Finds an expert space whose held resources equal the reference within 1 %, by trying every whole number within bounds: up to 64 slots, mean widths up to 16,384. What is left empty stays as in the settings, or is solved for where a target needs it.',
  formula: 'N, Nₐ, rₐ = Nₐ/N, M = 2·Nₐ + 4·D·S·L, C = 3·M·tokens',
  source: 'EqualRes 1–6',
};

/** Expert spaces that are equal to another configuration in what is held. */
export default function SolverPanel() {
  const { commands, config, view } = useLab();
  // It goes on while another room is shown.
  const [solver] = useState(createSolver);
  const experiment = useConfig((s) => s.experiment);
  const known = useRun((s) => s.report?.vocabulary ?? null);
  const [asked, setAsked] = useState<Asked>(() => askedAtFirst(config.getState().experiment));
  const [solved, setSolved] = useState<Solved | null>(null);
  const [isSolving, setSolving] = useState(false);
  const set = (values: Partial<Asked>) => setAsked((old) => ({ ...old, ...values }));

  async function solve(): Promise<void> {
    setSolving(true);
    try {
      const found = await solver.solve(solveRequest(asked, experiment, known));
      if (found === null) return;
      setSolved(found);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      setSolved({ ok: false, reason, nearest: null });
    }
    setSolving(false);
  }

  return (
    <PanelFrame className="solver" sub="what can be compared fairly">
      <form
        className="solver-form"
        onSubmit={(event) => {
          event.preventDefault();
          void solve();
        }}
      >
        <HeldResources asked={asked} set={set} />
        <Reference asked={asked} set={set} />
        <Target asked={asked} set={set} />
        <div className="solver-actions">
          <Button type="submit" className="btn primary small" isOff={isSolving}>
            {isSolving ? 'Solving…' : 'Solve'}
          </Button>
        </div>
        <p className="visually-hidden" role="status">
          {solved?.ok && !isSolving ? spoken(solved) : ''}
        </p>
        <div aria-busy={isSolving}>
          {solved !== null && (
            <Answer
              solved={solved}
              held={asked.hold}
              use={(candidate) => {
                commands.stage(changeOfCandidate(candidate, config.getState().experiment));
                view.getState().say('The settings have it; a new model takes it.');
              }}
            />
          )}
        </div>
      </form>
    </PanelFrame>
  );
}
