import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { causalNote } from '../../../config/generation.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { formatValue } from '../../kit/figure/formats.ts';
import { LinesTable } from '../../kit/figure/LinesTable.tsx';
import { Sides } from '../../kit/figure/Sides.tsx';
import { formatCount } from '../../kit/format.ts';
import { useSides } from '../../kit/instruments.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import { useView } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { Controls } from './Controls.tsx';
import type { OverTimeFields } from './fields.ts';
import {
  type Choice,
  idealOf,
  isOfOneLayer,
  isWorthShowing,
  originOf,
  ranksOf,
  seriesOf,
} from './lines.ts';
import { GROUPS, METRICS, type Metric, metricById } from './metrics.ts';
import './overtime.css';

interface Drawn {
  metric: Metric;
  source: RunSource;
  choice: Choice;
}

/** "Load of each slot, layer 2, rank 0, not causal". */
function titleOf({ metric, source, choice }: Drawn): string {
  const { place, rank } = choice;
  const layer = source.spaces(null)[place ?? 0]?.layer;
  const isFollowed = originOf(metric, choice) === 'validation';
  const isOfRank = metric.lines === 'slot' && rank !== null && isFollowed;
  const title = [
    metric.label,
    ...(metric.lines !== 'quantile' && (place !== null || isOfOneLayer(metric))
      ? [`layer ${layer}`]
      : []),
    ...(isOfRank ? [`rank ${rank}`] : []),
  ].join(', ');
  return isFollowed ? `${title}${causalNote(source.head.experiment)}` : title;
}

const idealLine = (value: number) => ({
  key: 'ideal',
  label: 'ideal',
  value,
  color: 'var(--ref-1)',
  help: 'What a balanced router gives',
});

function Chart({ isSmall = false, ...drawn }: Drawn & { isSmall?: boolean }) {
  const { metric, source, choice } = drawn;
  const lines = useCallback(() => {
    const series = seriesOf(metric, source, choice);
    // A small chart has no room for a legend of many.
    const isCrowded = isSmall && series.length > 3;
    return isCrowded
      ? series.map((line) => ({ ...line, isUnlisted: line.key !== 'mean' }))
      : series;
  }, [metric, source, choice, isSmall]);
  const isFollowed = originOf(metric, choice) === 'validation';
  const rows = useCallback(() => source.figuresOver(), [source]);
  const format = useCallback((value: number) => formatValue(value, metric.format), [metric]);
  const title = titleOf(drawn);
  const ideal = isSmall ? null : idealOf(metric, source, choice);
  const baselines = useMemo(() => (ideal === null ? [] : [idealLine(ideal)]), [ideal]);
  return (
    <>
      <StepChart
        title={title}
        hint={metric.meaning}
        name={`switchyard-${metric.id.replace('.', '-')}`}
        height={isSmall ? 112 : 232}
        lines={lines}
        madeOf={isFollowed ? rows : undefined}
        baselines={baselines}
        format={format}
        isPercent={metric.format === 'percent'}
        isSmall={isSmall}
      />
      {!isSmall && <LinesTable title={title} lines={lines} format={metric.format} />}
    </>
  );
}

/** What the points of a figure are of. */
function textOf({ metric, source, choice }: Drawn): string {
  return originOf(metric, choice) === 'validation'
    ? `of one validation batch${causalNote(source.head.experiment)}, the same at every point; nothing is dropped there unless evaluation has capacity.`
    : 'of each training step’s own batch, its capacity and random drops included. A point of load figures counts all steps since the point before.';
}

/** How far the numbers of a run reach, in a sentence. */
function Reach({ metric, source, choice }: Drawn) {
  const on = originOf(metric, choice);
  const points = useSyncExternalStore(source.subscribe, () => source.figuresOver().length);
  const { evaluation } = useHead(source).experiment;
  if (on === 'training' || points > 0) return null;
  return (
    <p className="empty">
      {evaluation.every === 0
        ? 'This run validates never, so nothing was measured on a validation batch.'
        : 'Nothing was measured yet: the first point comes with a validation.'}
    </p>
  );
}

interface GroupProps extends Omit<Drawn, 'metric'> {
  name: string;
  metrics: readonly Metric[];
  /** Whether it is open at first. */
  isFirst: boolean;
}

/** Small charts of some figures; those of a closed group cost nothing. */
function Group({ name, metrics, source, choice, isFirst }: GroupProps) {
  const [isOpen, setOpen] = useState(isFirst);
  if (metrics.length === 0) return null;
  return (
    <details
      className="overtime-group"
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{name}</summary>
      {isOpen && (
        <div className="overtime-charts">
          {metrics.map((row) => (
            <Chart key={row.id} metric={row} source={source} choice={choice} isSmall />
          ))}
        </div>
      )}
    </details>
  );
}

function OneRun({ metric, source, choice, metrics }: Drawn & { metrics: readonly Metric[] }) {
  const { label, meaning, formula, source: from } = metric;
  return (
    <>
      <p className="overtime-note">
        <Explain about={{ label, meaning, formula, source: from }}>{label}</Explain>
        {': '}
        {textOf({ metric, source, choice })}
      </p>
      <Reach metric={metric} source={source} choice={choice} />
      <Chart metric={metric} source={source} choice={choice} />
      {GROUPS.map((name) => (
        <Group
          key={name}
          name={name}
          metrics={metrics.filter((row) => row.group === name && row !== metric)}
          source={source}
          choice={choice}
          isFirst={name === metric.group}
        />
      ))}
    </>
  );
}

export const about: Explanation = {
  label: 'Over training time',
  meaning:
    'Every figure of routing over steps: of one validation batch, always the same, or of each training step’s own batch, with its capacity and random drops.',
};

/** Every figure of routing over steps: one large, all of them small, under one cursor. */
export default function OverTimePanel({ source, value, set }: ViewProps<OverTimeFields>) {
  const sides = useSides((s) => s.sides);
  const layer = useView((s) => s.layer);
  const scrub = useView((s) => s.scrub);
  const { head } = source;
  useHead(source);
  const spaces = source.spaces(null);
  const { layers, on } = value;
  const ranks = ranksOf(source);
  const rank = value.rank !== null && value.rank < ranks ? value.rank : null;
  const at = Math.max(
    0,
    spaces.findIndex((space) => space.layer === layer),
  );
  const place = layers === 'one' && spaces.length > 0 ? at : null;
  const choice = useMemo((): Choice => ({ place, rank, on }), [place, rank, on]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the head tells what may be dropped
  const metrics = useMemo(
    () => METRICS.filter((metric) => isWorthShowing(metric, source)),
    [source, head],
  );
  const chosen = metricById(value.figure);
  const metric = metrics.includes(chosen) ? chosen : METRICS[0]!;
  return (
    <PanelFrame
      className="overtime"
      sub={scrub === null ? 'latest' : `pinned at step ${formatCount(scrub)}`}
    >
      <Controls {...{ metrics, metric, spaces, place, ranks, rank, value, set }} />
      <Sides of={sides}>
        {(side) => (
          <OneRun metric={metric} source={side.source} choice={choice} metrics={metrics} />
        )}
      </Sides>
    </PanelFrame>
  );
}
