import { useCallback, useId, useState, useSyncExternalStore } from 'react';
import type { ProbesAt } from '../../../analysis/probes/probesAt.ts';
import {
  answersLike,
  answersUpTo,
  domainsOf,
  PROBE_ROWS,
  sameItems,
} from '../../../analysis/probes/table.ts';
import type { RunSource } from '../../../analysis/source.ts';
import { causalNoteAt } from '../../../config/generation.ts';
import type { ProbeInterval } from '../../../state/probeInterval.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Series } from '../../kit/charts/series.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { formatCount, formatPercent } from '../../kit/format.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useBeside, useLab } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { Answers } from './Answers.tsx';
import { Controls } from './Controls.tsx';
import './probes.css';

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

export const about: Explanation = {
  label: 'Probe tasks',
  meaning:
    'Small stand-ins for the papers’ benchmarks, of held-out text: the same items for every run with the same data and seed.',
};

/** Probe tasks: asked of the live run, and what runs answered. */
export default function ProbesPanel({ source, steps, value, set }: ViewProps<ProbeInterval>) {
  const lab = useLab();
  const all = useSyncExternalStore(source.subscribe, () => source.probesOver());
  const besides = useBeside((s) => s.probes);
  const [domain, setDomain] = useState<string | null>(null);
  const shown = answersUpTo(all, steps?.[1] ?? null);
  const isLive = source === lab.source;
  const other =
    shown !== null && isLive ? (besides.findLast((one) => sameItems(one, shown)) ?? null) : null;
  const domains = shown === null ? [] : domainsOf(shown);
  const known = domain !== null && domains.includes(domain) ? domain : null;
  return (
    <PanelFrame
      className="probes"
      sub={
        shown === null
          ? ''
          : `${when(shown)}, seed ${shown.seed}${causalNoteAt(source.head.experiment, shown.step + 1)}`
      }
    >
      {isLive && <Controls value={value} set={set} />}
      {shown === null ? (
        <p className="empty">
          {isLive
            ? 'No probe tasks were answered yet: ask now, or every so many steps.'
            : 'This run answered no probe tasks.'}
        </p>
      ) : (
        <>
          <DomainChoice domains={domains} value={known} set={setDomain} />
          <Answers probes={shown} domain={known} other={other} />
          <OverSteps source={source} shown={shown} />
        </>
      )}
    </PanelFrame>
  );
}
