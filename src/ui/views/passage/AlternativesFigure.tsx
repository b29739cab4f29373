import { useMemo } from 'react';
import { FIGURES } from '../../../analysis/figures.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { placeOf, slotName, textAt } from './seen.ts';
import type { Alternative, Alternatives } from './useAlternatives.ts';

const { own, later, passage } = FIGURES.interventions.rows;

interface AlternativesFigureProps {
  of: Alternatives;
  cancel: () => void;
}

function Shown({ of, rows, cancel }: AlternativesFigureProps & { rows: readonly Alternative[] }) {
  const { look, at, token, step } = of;
  const layer = look.layers[placeOf(look, at.layer)];
  const names = rows.map(({ slot }) => (layer === undefined ? `${slot}` : slotName(layer, slot)));
  const series = useMemo(
    () => [{ label: own.label, color: 'var(--figure-1)', values: rows.map((row) => row.own) }],
    [rows],
  );
  const best = rows.reduce(
    (a, b) => (b.own < a.own ? b : a),
    rows[0] ?? { own: Number.NaN, slot: 0 },
  );
  const title = `Every other slot at rank ${at.rank} of layer ${at.layer}, for token ${token} “${textAt(look, token)}”`;
  const table = (): FigureTable => ({
    columns: [
      { title: 'Slot' },
      ...[own, later, passage].map(({ label, format }) => ({ title: label, format })),
    ],
    rows: rows.map((row, i) => [names[i] ?? '', row.own, row.later, row.passage]),
  });
  return (
    <FigureFrame
      name="switchyard-alternatives"
      title={title}
      caption={() =>
        `Change of the token's loss in nats with each other slot forced alone at this rank, at step ${step}; above 0 is worse. Lowest: slot ${best.slot}, ${formatValue(best.own, 'nats')}`
      }
      table={table}
      tools={
        <button type="button" className="btn quiet small" onClick={cancel}>
          Close
        </button>
      }
    >
      <Bars
        categories={names}
        series={series}
        format="nats"
        quantity="change of this token’s loss, nats"
      />
      <p className="muted">
        Change of this token’s loss in nats at step {step.toLocaleString('en')}, each slot forced
        alone; above 0 is worse than what the router chose.
      </p>
    </FigureFrame>
  );
}

function Progress({ of, cancel }: AlternativesFigureProps) {
  const { done, total, problem } = of;
  return (
    <p className="passage-progress">
      {problem === null ? (
        <>
          {`Pass ${done} of ${total}`}
          <progress max={total} value={done} aria-label="Passes made" />
        </>
      ) : (
        <span role="alert">{problem}</span>
      )}
      <button type="button" className="btn quiet small" onClick={cancel}>
        {problem === null ? 'Cancel' : 'Close'}
      </button>
    </p>
  );
}

/** What is read out by itself: that the passes begin, and that they end, but not each of them. */
function spoken({ rows, problem }: Alternatives): string {
  if (rows !== null) return 'Every other slot was tried';
  return problem === null ? 'Every other slot is being tried' : '';
}

/** What each other slot would have been worth: progress, then a figure. */
export function AlternativesFigure({ of, cancel }: AlternativesFigureProps) {
  const { rows } = of;
  return (
    <>
      <p className="visually-hidden" role="status">
        {spoken(of)}
      </p>
      {rows === null ? (
        <Progress of={of} cancel={cancel} />
      ) : (
        <Shown of={of} rows={rows} cancel={cancel} />
      )}
    </>
  );
}
