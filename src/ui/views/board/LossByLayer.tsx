import type { ConversionState } from '../../../worker/api.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import { formatFixed, formatLoss } from '../../kit/format.ts';
import { type BoardRow, boardTable } from './rows.ts';

/** What the conversion of each layer costs: alone, and with all those above it (Figures 4, 5, 6). */
export function LossByLayer({
  state,
  rows,
  teacher,
}: {
  state: ConversionState;
  rows: readonly BoardRow[];
  teacher: number;
}) {
  const measured = rows.filter(({ alone, upward }) => alone !== undefined || upward !== undefined);
  if (measured.length === 0) return null;
  const rising = [...measured].reverse();
  const more = (ce: number | undefined) => (ce === undefined ? Number.NaN : ce - teacher);
  const costs = rising.map(({ layer, alone }) => ({ layer, more: more(alone?.ce) }));
  const known = costs.filter((one) => !Number.isNaN(one.more)).sort((a, b) => a.more - b.more);
  const [least, most] = [known[0], known.at(-1)];
  const words =
    least === undefined || most === undefined
      ? ''
      : `Alone, layer ${least.layer} costs least (${formatFixed(least.more, 4)} nats) and layer ${most.layer} most (${formatFixed(most.more, 4)}).`;
  return (
    <FigureFrame
      name="switchyard-conversion-layers"
      title="Loss by converted layer"
      caption={() =>
        `Validation loss above the teacher’s ${formatLoss(teacher)} with one layer converted, and with it and all converted layers above it. ${words} LaDiMo, Figures 4, 5 and 6.`
      }
      table={() => boardTable(rows, teacher)}
      runs={[{ name: state.name, experiment: state.teacher.experiment }]}
    >
      <Bars
        categories={rising.map(({ layer }) => `L${layer}`)}
        series={[
          {
            label: 'it alone',
            values: rising.map(({ alone }) => more(alone?.ce)),
            ...categoryLook(0),
          },
          {
            label: 'last layer up to it',
            values: rising.map(({ upward }) => more(upward?.ce)),
            ...categoryLook(1),
          },
        ]}
        format="nats"
      />
      {words !== '' && <p className="num muted">{words}</p>}
    </FigureFrame>
  );
}
