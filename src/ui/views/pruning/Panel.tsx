import type { FigureRequest } from '../../../analysis/figures.ts';
import { counted } from '../../../config/plural.ts';
import { AskedSides } from '../../kit/AskedSides.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { useLookText, useSides } from '../../kit/instruments.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import { type AskedSides as AskedOf, useAsked } from '../../kit/useAsked.ts';
import { useRun } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { Changes, Kept } from './Domains.tsx';
import { MOST, type PruningFields } from './fields.ts';
import { Printed, Removals } from './Kinds.tsx';
import { pruningRequest } from './tables.ts';
import './pruning.css';

type Pruning = Extract<FigureRequest, { figure: 'pruning' }>;
type Removal = Extract<FigureRequest, { figure: 'removal' }>;

const RULES = { lift: 'a lift of at least', count: 'the most assignments:' } as const;

/** "slots with a lift of at least 1 in every layer" */
function keptWords({ rule, layer }: Pruning): string {
  const which =
    rule.by === 'lift'
      ? `slots with a lift of at least ${rule.least}`
      : `the ${counted(rule.most, 'slot')} with the most assignments`;
  return `${which}, in ${layer === null ? 'every layer' : `layer ${layer}`}`;
}

/** Every MoE layer, or one of them. */
function LayerChoice({ value, set }: Pick<ViewProps<PruningFields>, 'value' | 'set'>) {
  const spaces = useSides((s) => s.sides[0]?.source)?.spaces(null) ?? [];
  const known = spaces.map(({ layer }) => layer);
  const layers =
    value.layer === null || known.includes(value.layer) ? known : [...known, value.layer];
  return (
    <Picker
      label="Layers that are pruned"
      value={value.layer === null ? 'all' : `l${value.layer}`}
      options={{
        all: 'every layer',
        ...Object.fromEntries(layers.map((layer) => [`l${layer}`, `layer ${layer}`])),
      }}
      choose={(chosen) => set({ layer: chosen === 'all' ? null : Number(chosen.slice(1)) })}
    />
  );
}

function Rule({ value, set }: Pick<ViewProps<PruningFields>, 'value' | 'set'>) {
  return (
    <>
      <span>
        Keep slots with
        <Picker
          label="Which slots are kept"
          value={value.rule}
          options={RULES}
          choose={(rule) => set({ rule })}
        />
        {value.rule === 'lift' ? (
          <WholeNumber
            label="Least lift"
            value={value.least}
            min={0}
            max={MOST.least}
            isFloat
            change={(least) => set({ least })}
          />
        ) : (
          <WholeNumber
            label="Slots of each domain"
            value={value.most}
            min={1}
            max={MOST.most}
            change={(most) => set({ most })}
          />
        )}
      </span>
      <span>
        in
        <LayerChoice value={value} set={set} />
      </span>
    </>
  );
}

/** Asks, and takes the question back. */
function AskButton<R extends FigureRequest>({
  of,
  request,
  label,
}: {
  of: AskedOf<R>;
  request: R;
  label: string;
}) {
  return (
    <button
      type="button"
      className="btn small"
      aria-label={of.isAsking ? `Cancel: ${label}` : label}
      onClick={() => (of.isAsking ? of.cancel() : of.ask(request))}
    >
      {of.isAsking ? 'Cancel' : 'Measure'}
    </button>
  );
}

function Questions({ value, set }: Pick<ViewProps<PruningFields>, 'value' | 'set'>) {
  const text = useLookText();
  const domains = useAsked<Pruning>(text);
  const kinds = useAsked<Removal>(text);
  return (
    <>
      <h3 className="pruning-question">The experts of one domain alone</h3>
      <div className="panel-fields">
        <Rule value={value} set={set} />
        <AskButton
          of={domains}
          request={pruningRequest(value)}
          label="Measure the experts of one domain"
        />
      </div>
      <AskedSides
        of={domains.states}
        name="Experts of one domain"
        invitation="A pass for each domain: what do all domains lose with its experts alone?"
      >
        {({ look, result, request }) => (
          <div className="pruning-figures">
            <Changes {...{ look, result }} kept={keptWords(request)} />
            <Kept {...{ look, result }} kept={keptWords(request)} />
          </div>
        )}
      </AskedSides>
      <h3 className="pruning-question">Without a kind of slot</h3>
      <div className="panel-fields">
        <span>Each kind in turn, then the kinds that compute nothing together</span>
        <AskButton of={kinds} request={{ figure: 'removal' }} label="Measure without kinds" />
      </div>
      <div className="pruning-figures">
        <AskedSides
          of={kinds.states}
          name="Without kinds of slots"
          invitation="A pass for each kind: what is lost without it?"
        >
          {({ look, result }) => <Removals look={look} result={result} />}
        </AskedSides>
        <Printed />
      </div>
    </>
  );
}

export const about: Explanation = {
  label: 'What if experts were missing',
  meaning:
    'Keeps only the slots of one domain, or removes kinds of slots, routes anew over those that are left, and measures what the loss of every domain rises by. Nothing is trained.',
  formula: 'mean over a domain’s tokens of ce with − ce without',
  source: 'EMO; MoE++ Table C',
};

/** What the loss is where experts are missing. */
export default function PruningPanel({ value, set }: ViewProps<PruningFields>) {
  const isLive = useSides((s) => s.sides[0]?.subject === 'live');
  const isOpen = useRun((s) => s.report !== null);
  return (
    <PanelFrame className="pruning">
      {isLive && !isOpen ? (
        <p className="empty">No run is open: press Start.</p>
      ) : (
        <Questions value={value} set={set} />
      )}
    </PanelFrame>
  );
}
