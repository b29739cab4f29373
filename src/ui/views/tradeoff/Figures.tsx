import { memo } from 'react';
import { counted } from '../../../config/plural.ts';
import type { ConversionState, Throughput } from '../../../worker/api.ts';
import { adapterName } from '../../kit/adapterName.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Points } from '../../kit/figure/Points.tsx';
import { formatLoss, formatPercent, formatRatio } from '../../kit/format.ts';
import type { TradeoffFields } from './fields.ts';
import {
  activeTable,
  latest,
  overActive,
  overSpeed,
  probeSeries,
  ratios,
  SPEED_WORDS,
  tradeTable,
} from './shown.ts';

interface FiguresProps {
  state: ConversionState;
  value: TradeoffFields;
  seed: number;
}

interface OneProps extends FiguresProps {
  runs: readonly FigureRun[];
  throughput: Throughput | null;
}

const shapeWords = ({ D, L, denseHidden, B, S, adapter, ffnShare }: Throughput) =>
  `D ${D}, ${L} layers, FFN ${denseHidden}, ${B} × ${S} tokens, FFNs ${formatPercent(ffnShare)} of the dense FLOPs, on ${adapterName(adapter)}`;

/** Loss against active parameters (Figures 4 to 6). */
function ActiveFigure({ state, seed, runs }: OneProps) {
  const series = overActive(state, seed).filter(({ points }) => points.length > 0);
  const teacher = state.students.find(({ layers }) => layers.length === 0);
  if (series.length === 0)
    return <p className="empty">Nothing was measured yet: measure all students on the board.</p>;
  return (
    <FigureFrame
      name="switchyard-conversion-active"
      title="Loss against active parameters"
      caption={() =>
        `Validation loss of students over the parameters that a token uses (Na): converted from the last layer upward, and each layer alone${teacher === undefined ? '' : `; teacher ${formatLoss(teacher.ce)}`}. LaDiMo, Figures 4 to 6.`
      }
      table={() => activeTable(state, seed)}
      runs={runs}
    >
      <Points
        series={series}
        across={teacher === undefined ? [] : [{ label: 'teacher', y: teacher.ce }]}
        x={{ label: 'active parameters, Na', format: 'count' }}
        y={{ label: 'validation loss', format: 'nats' }}
      />
    </FigureFrame>
  );
}

/** Loss against tokens per second: of the teacher's own shape, whose students are trained. */
function SpeedFigure({ state, value, seed, runs, throughput }: OneProps) {
  if (throughput === null || throughput.shape !== 'teacher') return null;
  const series = overSpeed(state, throughput, value.speed, seed);
  if (series.every(({ points }) => points.length === 0)) return null;
  return (
    <FigureFrame
      name={`switchyard-conversion-${value.speed}`}
      title={`Loss against ${SPEED_WORDS[value.speed]} throughput`}
      caption={() =>
        `Validation loss over tokens per second, 0 to all layers converted from the last upward; bars span the quartiles of ${throughput.rows[0]?.[value.speed].rounds.length ?? 0} rounds, measured in turn. ${shapeWords(throughput)}. ${throughput.verdict}`
      }
      table={() => tradeTable(state, throughput, seed)}
      runs={runs}
    >
      <Points
        series={series}
        x={{ label: `${SPEED_WORDS[value.speed]}, tokens/s`, format: 'units' }}
        y={{ label: 'validation loss', format: 'nats' }}
      />
    </FigureFrame>
  );
}

/** Throughput over the dense model's, by the number of converted layers. */
function RatioFigure({ state, seed, runs, throughput }: OneProps) {
  if (throughput === null) return null;
  const series = ratios(throughput);
  const words = series
    .map(({ label, points }) => `${label} ${formatRatio(points.at(-1)?.y ?? Number.NaN)}`)
    .join(', ');
  return (
    <FigureFrame
      name={`switchyard-conversion-throughput-${throughput.shape}`}
      title="Throughput by converted layers"
      caption={() =>
        `Tokens per second over those of the dense model, by converted layers from the last upward; with all of them ${words}. Ratios are taken round by round, bars span eight of ten of ${counted(throughput.rows[0]?.prefill.rounds.length ?? 0, 'round')}. ${shapeWords(throughput)}. ${throughput.verdict}`
      }
      table={() => tradeTable(state, throughput, seed)}
      runs={runs}
    >
      <Points
        series={series}
        across={[{ label: 'dense', y: 1 }]}
        x={{ label: 'converted layers', format: 'index' }}
        y={{ label: 'over the dense model', format: 'ratio' }}
      />
      <p className="tradeoff-shape num">{shapeWords(throughput)}.</p>
    </FigureFrame>
  );
}

function ProbesFigure({ state, seed, runs, throughput }: OneProps) {
  const series = probeSeries(state, seed);
  if (series.length === 0) return null;
  return (
    <FigureFrame
      name="switchyard-conversion-probes"
      title="Probe tasks by converted layers"
      caption={() =>
        'Part of the items that are right, by converted layers from the last upward; 0 is the teacher.'
      }
      table={() => tradeTable(state, throughput, seed)}
      runs={runs}
    >
      <Points
        series={series}
        x={{ label: 'converted layers', format: 'index' }}
        y={{ label: 'accuracy', format: 'percent' }}
      />
    </FigureFrame>
  );
}

/** Drawn anew with another state or choice only. */
export const Figures = memo(function Figures(props: FiguresProps) {
  const { state, value } = props;
  const throughput = latest(state, value.shape);
  const runs = [{ name: state.name, experiment: state.teacher.experiment }];
  const all = { ...props, runs, throughput };
  return (
    <>
      {throughput === null ? (
        <p className="tradeoff-verdict">
          Throughput of this shape was not measured here yet. Whether fewer active parameters make
          this adapter faster is not known before.
        </p>
      ) : (
        <p className="tradeoff-verdict" role="status">
          {throughput.verdict}
        </p>
      )}
      <ActiveFigure {...all} />
      <SpeedFigure {...all} />
      <RatioFigure {...all} />
      <ProbesFigure {...all} />
    </>
  );
});
