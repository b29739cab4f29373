import { useCallback, useId, useMemo, useState, useSyncExternalStore } from 'react';
import type { ProbesAt } from '../../../analysis/probes/probesAt.ts';
import {
  answersLike,
  answersUpTo,
  domainsOf,
  PROBE_ROWS,
  sameItems,
} from '../../../analysis/probes/table.ts';
import type { RunSource, StepRange } from '../../../analysis/source.ts';
import type { Experiment } from '../../../config/experiment.ts';
import { causalNoteAt } from '../../../config/generation.ts';
import { canonical } from '../../../recipes/canonical.ts';
import type { Side } from '../../../state/looks/looked.ts';
import type { ProbeInterval } from '../../../state/probeInterval.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Series } from '../../kit/charts/series.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { Sides } from '../../kit/figure/Sides.tsx';
import { formatCount, formatPercent } from '../../kit/format.ts';
import { useSides } from '../../kit/instruments.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useBeside } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { Answers } from './Answers.tsx';
import { Controls, useHasCheckpoint } from './Controls.tsx';
import './probes.css';

const NONE: readonly ProbesAt[] = [];
const COLORS = ['var(--train)', 'var(--valid)', 'var(--aux)', 'var(--ref-1)', 'var(--ref-2)'];

function seriesOf(all: readonly ProbesAt[], shown: ProbesAt | null): Series[] {
  if (shown === null) return [];
  const answers = answersLike(all, shown);
  return PROBE_ROWS.filter(({ isMain }) => isMain).map(
    (row, i): Series => ({
      key: row.id,
      label: row.label,
      color: COLORS[i] ?? 'var(--train)',
      owner: answers[0] ?? all,
      firstStep: answers[0]?.step ?? 0,
      steps: answers.map(({ step }) => step),
      values: answers.map(({ results }) => row.of(results).accuracy ?? Number.NaN),
    }),
  );
}

/** Accuracy of every task over steps; the table has its numbers. */
function OverSteps({ source, shown }: { source: RunSource; shown: ProbesAt | null }) {
  const lines = useCallback(() => seriesOf(source.probesOver(), shown), [source, shown]);
  return (
    <StepChart
      title="Accuracy over steps"
      hint="Part of the items that are right, at each step at which the same items were answered"
      name="switchyard-probe-tasks"
      height={112}
      lines={lines}
      format={formatPercent}
      isSmall
    />
  );
}

function DomainChoice({
  domains,
  value,
  set,
}: {
  domains: readonly string[];
  value: string | null;
  set: (domain: string | null) => void;
}) {
  const id = useId();
  return (
    <label htmlFor={id} className="probes-fields">
      <span>Domain</span>
      <select
        id={id}
        className="select compact"
        value={value ?? ''}
        onChange={(event) => set(event.target.value || null)}
      >
        <option value="">all</option>
        {domains.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

const when = ({ from, step }: ProbesAt) =>
  from === step
    ? `step ${formatCount(step)}`
    : `steps ${formatCount(from)} to ${formatCount(step)}`;

/** The last step of which answers are shown of a side; null: of the last that there are. */
function lastShown({ subject }: Side, steps: StepRange | null): number | null {
  const step = typeof subject !== 'string' && 'run' in subject ? subject.step : null;
  return step ?? steps?.[1] ?? null;
}

/** The domain that is chosen, where the answers tell it apart. */
const known = (domain: string | null, shown: ProbesAt) =>
  domain !== null && domainsOf(shown).includes(domain) ? domain : null;

function nothingYet({ subject }: Side, hasCheckpoint: boolean): string {
  if (subject === 'live')
    return 'No probe tasks were answered yet: ask now, or every so many steps.';
  return hasCheckpoint
    ? 'This run answered no probe tasks yet: ask now.'
    : 'This run answered no probe tasks, and no checkpoint of it is stored: its model cannot be asked.';
}

/** What one run answered, and over steps. */
function OneRun({
  side,
  last,
  domain,
  others,
}: {
  side: Side;
  last: number | null;
  domain: string | null;
  /** Answers of the run beside. */
  others: readonly ProbesAt[];
}) {
  const { source } = side;
  const all = useSyncExternalStore(source.subscribe, () => source.probesOver());
  const hasCheckpoint = useHasCheckpoint(side);
  const shown = answersUpTo(all, last);
  if (shown === null) return <p className="empty">{nothingYet(side, hasCheckpoint)}</p>;
  return (
    <>
      <p className="probes-when">
        {when(shown)}, seed {shown.seed}
        {causalNoteAt(source.head.experiment, shown.step + 1)}
      </p>
      <Answers
        probes={shown}
        domain={known(domain, shown)}
        other={others.findLast((one) => sameItems(one, shown)) ?? null}
      />
      <OverSteps source={source} shown={shown} />
    </>
  );
}

/** Answers of a side that is there, as it goes on. */
function useAnswers(side: Side | undefined, last: number | null): readonly ProbesAt[] {
  const source = side?.source;
  const subscribe = useCallback(
    (listener: () => void) => source?.subscribe(listener) ?? (() => {}),
    [source],
  );
  const all = useSyncExternalStore(subscribe, () => source?.probesOver() ?? NONE);
  return useMemo(() => all.filter(({ step }) => last === null || step <= last), [all, last]);
}

/** What of an experiment tells which text is held out. */
function textOf({ data: { mix, validationShare, hash }, tokenizer }: Experiment): string {
  return canonical({ mix, validationShare, hash, tokenizer });
}

export const about: Explanation = {
  label: 'Probe tasks',
  meaning:
    'Small stand-ins for the papers’ benchmarks, of held-out text: the same items for every run with the same data and seed.',
};

/** Probe tasks: asked of the run that is looked at and of the one beside it, and what they answered. */
export default function ProbesPanel({ steps, value, set }: ViewProps<ProbeInterval>) {
  const sides = useSides((s) => s.sides);
  const opened = useBeside((s) => s.probes);
  const [domain, setDomain] = useState<string | null>(null);
  const [a, b] = sides;
  const isLive = a?.subject === 'live';
  const ends = sides.map((side) => lastShown(side, side === a ? steps : null));
  const own = useAnswers(a, ends[0] ?? null);
  const beside = useAnswers(b, ends[1] ?? null);
  const shown = own.at(-1) ?? beside.at(-1);
  // Items of other texts, or other parts of them, are others though they are as many.
  const haveSameText =
    a?.source !== undefined &&
    b?.source !== undefined &&
    textOf(a.source.head.experiment) === textOf(b.source.head.experiment);
  return (
    <PanelFrame className="probes">
      <Controls sides={sides} value={value} set={set} />
      {shown !== undefined && (
        <DomainChoice domains={domainsOf(shown)} value={known(domain, shown)} set={setDomain} />
      )}
      <Sides of={sides}>
        {(side) => (
          <OneRun
            side={side}
            last={ends[side === a ? 0 : 1] ?? null}
            domain={domain}
            // Of an A/B the second run has no figures of its own here.
            others={side === b ? [] : [...(isLive ? opened : []), ...(haveSameText ? beside : [])]}
          />
        )}
      </Sides>
    </PanelFrame>
  );
}
