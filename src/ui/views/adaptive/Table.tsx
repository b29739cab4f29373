import type { PolicyPreview } from '../../../config/ladimo.ts';
import type { MaxWeights, PolicyResult } from '../../../worker/api.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Points } from '../../kit/figure/Points.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import { formatFixed, formatLoss } from '../../kit/format.ts';
import { lossDifference } from '../../kit/lossDifference.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { measuredTable, policyTable, sharesOf } from './shown.ts';

const three = (value: number) => formatFixed(value, 3);

/** The policy of every layer, which follows the lines as they are moved. */
export function PolicyByLayer({
  weights,
  preview,
  runs,
}: {
  weights: MaxWeights;
  preview: PolicyPreview;
  runs: readonly FigureRun[];
}) {
  const shares = preview.layers.map((own, i) =>
    sharesOf(own, weights.layers[i]?.weights ?? [], weights.N),
  );
  return (
    <FigureFrame
      name="switchyard-adaptive"
      title="Policy by layer"
      caption={() =>
        `Experts that tokens get: ${preview.layers.map((own) => `L${own.layer} ${own.kind}`).join(', ')}; ${three(preview.computing)} on average. LaDiMo, Table 1.`
      }
      table={() => policyTable(preview)}
      runs={runs}
    >
      <ScrollX label="Policy of every layer">
        <table className="data adaptive-table">
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Policy</th>
              <th scope="col" className="num">
                α_i
              </th>
              <th scope="col" className="num">
                β_i
              </th>
              <th scope="col" className="num">
                Experts per token
              </th>
            </tr>
          </thead>
          <tbody>
            {preview.layers.map(({ layer, kind, alpha, beta, computing }) => (
              <tr key={layer}>
                <th scope="row" className="num">{`L${layer}`}</th>
                <td>{kind}</td>
                <td className="num">
                  {`${three(alpha)} ${alpha > preview.alpha ? '>' : '≤'} ${three(preview.alpha)}`}
                </td>
                <td className="num">
                  {`${three(beta)} ${beta < preview.beta ? '<' : '≥'} ${three(preview.beta)}`}
                </td>
                <td className="num">{three(computing)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">all</th>
              <td />
              <td className="num">{three(preview.alpha)}</td>
              <td className="num">{three(preview.beta)}</td>
              <td className="num">{three(preview.computing)}</td>
            </tr>
          </tfoot>
        </table>
      </ScrollX>
      <Bars
        categories={preview.layers.map(({ layer, kind }) => `L${layer} ${kind}`)}
        series={['1 expert', '2 experts', '3 experts'].map((label, k) => ({
          label,
          values: shares.map((own) => own[k] ?? Number.NaN),
          ...categoryLook(k),
        }))}
        stacked
        format="percent"
      />
    </FigureFrame>
  );
}

/** Loss against computing experts: the policy, and static routers. */
export function Against({ result, runs }: { result: PolicyResult; runs: readonly FigureRun[] }) {
  const { adaptive, statics, shares } = result;
  const between = statics.filter(({ computing }) => (computing ?? 0) <= (adaptive.computing ?? 0));
  const nearest = between.at(-1) ?? statics[0];
  const words =
    nearest === undefined
      ? ''
      : `Adaptive: ${formatLoss(adaptive.ce)} (${lossDifference(adaptive.ce, nearest.ce)} against top-${nearest.K}) with ${three(adaptive.computing ?? Number.NaN)} experts per token; top-${nearest.K}: ${formatLoss(nearest.ce)} with ${three(nearest.computing ?? Number.NaN)}.`;
  return (
    <FigureFrame
      name="switchyard-adaptive-measured"
      title="Adaptive against static routers"
      caption={() =>
        `Validation loss over the experts that compute for a token in a converted layer; p_u ${shares.pu}, p_e ${shares.pe}, no training. ${words}`
      }
      table={() => measuredTable(result)}
      runs={runs}
    >
      <Points
        series={[
          {
            label: 'static top-K',
            points: statics.map(({ K, ce, computing }) => ({
              x: computing ?? K,
              y: ce,
              name: `top-${K}`,
            })),
          },
          {
            label: `adaptive, p_u ${shares.pu}, p_e ${shares.pe}`,
            points: [{ x: adaptive.computing ?? Number.NaN, y: adaptive.ce }],
          },
        ]}
        x={{ label: 'experts per token', format: 'decimal' }}
        y={{ label: 'validation loss', format: 'nats' }}
      />
      <p className="adaptive-words num">{words}</p>
    </FigureFrame>
  );
}
