import { FULL_SIZE_MODELS, type FullSizeModel } from '../../../accounting/fullSize.ts';
import { countsWithVocabulary, paperCounts } from '../../../accounting/parameters.ts';
import { formatCompact, formatPercent, formatSi } from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';

/** What the accounting says of a model beside what its paper prints. */
function counted({ config, printed }: FullSizeModel) {
  const { N, Na, ra, M } = paperCounts(config);
  if (!printed?.withVocabulary) return { N, Na, ra, M };
  const { total, active } = countsWithVocabulary(config);
  return { N: total, Na: active, ra, M };
}

function Row({ model }: { model: FullSizeModel }) {
  const { N, Na, ra, M } = counted(model);
  const { printed } = model;
  return (
    <tr>
      <th scope="row" title={`${model.paper}, ${model.source}`}>
        {model.label}
      </th>
      <td className="num">{formatCompact(N)}</td>
      <td className="num">{printed === null ? '–' : formatCompact(printed.total)}</td>
      <td className="num">{formatCompact(Na)}</td>
      <td className="num">
        {printed === null || printed.active === null ? '–' : formatCompact(printed.active)}
      </td>
      <td className="num">{formatPercent(ra)}</td>
      <td className="num">{formatSi(M, 'FLOP')}</td>
    </tr>
  );
}

/** The papers' models at full size in the same accounting, beside the printed counts. */
export default function FullSize() {
  const papers = [...new Set(FULL_SIZE_MODELS.map(({ paper }) => paper))];
  return (
    <ScrollX label="Full-size models of the papers" className="accounting-full">
      <p className="note">
        Counted here, never trained here. Printed counts of TC-MoE include one vocabulary table, and
        so do the ones counted beside them.
      </p>
      <table className="data">
        <caption className="visually-hidden">Full-size models of the papers</caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" className="num">
              N
            </th>
            <th scope="col" className="num">
              printed
            </th>
            <th scope="col" className="num">
              Na
            </th>
            <th scope="col" className="num">
              printed
            </th>
            <th scope="col" className="num">
              ra
            </th>
            <th scope="col" className="num">
              M
            </th>
          </tr>
        </thead>
        {papers.map((paper) => (
          <tbody key={paper}>
            <tr>
              <th scope="rowgroup" colSpan={7} className="paper">
                {paper}
              </th>
            </tr>
            {FULL_SIZE_MODELS.filter((model) => model.paper === paper).map((model) => (
              <Row key={model.id} model={model} />
            ))}
          </tbody>
        ))}
      </table>
    </ScrollX>
  );
}
