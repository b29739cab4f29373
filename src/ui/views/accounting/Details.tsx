import { COST_CLASSES } from '../../../accounting/costs.ts';
import { MEMORY_CLASSES, mebibytes } from '../../../accounting/memory.ts';
import { PARAMETER_CLASSES } from '../../../accounting/parameters.ts';
import { counted } from '../../../config/plural.ts';
import type { AdapterReport } from '../../../worker/api.ts';
import { Explain } from '../../kit/Explain.tsx';
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatNumber,
  formatPercent,
  formatSi,
} from '../../kit/format.ts';
import { Bars, Facts } from './Bars.tsx';
import {
  COST_NAMES,
  COST_TEXT,
  MEMORY_TEXTS,
  PAPER_TEXTS,
  PARAMETER_TEXTS,
} from './explanations.ts';
import type { Accounting, MeasuredActive } from './figures.ts';

/** Exact parameters by what they are for. */
export function ParameterDetails({ counts, isWithoutVocabulary }: Accounting) {
  const rows = PARAMETER_CLASSES.filter((name) => counts[name] > 0).map((name) => ({
    key: name,
    about: {
      ...PARAMETER_TEXTS[name],
      facts: [['Of all', formatPercent(counts[name] / counts.total)] as const],
    },
    size: counts[name],
    value: formatCount(counts[name]),
  }));
  return (
    <section aria-label="Parameters by class">
      <h3>
        Parameters <span className="num">{formatCount(counts.total)}</span>
      </h3>
      <Bars rows={rows} label="Exact number of parameters by class" />
      {isWithoutVocabulary && (
        <p className="note">
          Embedding and head follow once the characters of the text are counted.
        </p>
      )}
    </section>
  );
}

/** The papers' figures, measured ones beside nominal ones. */
export function PaperDetails(props: Accounting & { measured: MeasuredActive | null }) {
  const { paper, compute, tokens, granularity, complexity, measured } = props;
  const rows = [
    { key: 'N', about: PAPER_TEXTS.N, symbol: 'N', value: formatCount(paper.N) },
    { key: 'Na', about: PAPER_TEXTS.Na, symbol: 'Na', value: formatCount(Math.round(paper.Na)) },
    ...(measured === null
      ? []
      : [
          {
            key: 'measured',
            about: PAPER_TEXTS.measured,
            value: `${measured.isUpperBound ? '≤ ' : ''}${formatCount(Math.round(measured.Na))}`,
          },
        ]),
    { key: 'ra', about: PAPER_TEXTS.ra, symbol: 'ra', value: formatPercent(paper.ra) },
    { key: 'M', about: PAPER_TEXTS.M, symbol: 'M', value: formatSi(paper.M, 'FLOP') },
    {
      key: 'C',
      about: { ...PAPER_TEXTS.C, facts: [['Tokens', formatCount(tokens)] as const] },
      symbol: 'C',
      value: formatSi(compute, 'FLOP'),
    },
    ...(granularity === null
      ? []
      : [{ key: 'G', about: PAPER_TEXTS.granularity, value: formatNumber(granularity) }]),
    ...(complexity === null
      ? []
      : [{ key: 'complexity', about: PAPER_TEXTS.complexity, value: formatNumber(complexity) }]),
  ];
  return (
    <section aria-label="The papers’ figures">
      <h3>The papers’ figures</h3>
      <Facts rows={rows} />
    </section>
  );
}

/** FLOPs and bytes of one training step by what they are spent on. */
export function CostDetails({ costs, dispatches }: Accounting) {
  const { forward, backward, optimizer, total, tokens } = costs;
  const parts = [
    ...COST_CLASSES.map((name) => ({
      name,
      flops: forward[name].flops + backward[name].flops,
      bytes: forward[name].bytes + backward[name].bytes,
    })),
    { name: 'optimizer' as const, ...optimizer },
  ].filter(({ flops, bytes }) => flops + bytes > 0);
  return (
    <section aria-label="Cost of a training step">
      <h3>
        <Explain about={COST_TEXT}>Cost of a step</Explain>
        <span className="num">{counted(dispatches, 'kernel')}</span>
      </h3>
      <table className="data accounting-costs">
        <thead>
          <tr>
            <th scope="col">Forward and backward</th>
            <th scope="col" className="num">
              FLOPs
            </th>
            <th scope="col" className="num">
              Bytes
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map(({ name, flops, bytes }) => (
            <tr key={name}>
              <th scope="row">{COST_NAMES[name]}</th>
              <td className="num">{formatSi(flops, '')}</td>
              <td className="num">{formatBytes(bytes)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              Step of {tokens === 1 ? '1 token' : `${formatCompact(tokens)} tokens`}
            </th>
            <td className="num">{formatSi(total.flops, '')}</td>
            <td className="num">{formatBytes(total.bytes)}</td>
          </tr>
          <tr>
            <th scope="row">Token</th>
            <td className="num">{formatSi(total.flops / tokens, '')}</td>
            <td className="num">{formatBytes(total.bytes / tokens)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

/** Memory by use, and the largest buffer against what the adapter binds. */
export function MemoryDetails(
  props: Accounting & { adapter: AdapterReport | null; gpuBytes: number | null },
) {
  const { memory, needs, adapter, gpuBytes } = props;
  const rows = MEMORY_CLASSES.map((name) => {
    const items = memory.items.filter((entry) => entry.class === name);
    return {
      key: name,
      about: {
        ...MEMORY_TEXTS[name],
        facts: items
          .toSorted((a, b) => b.bytes * b.buffers - a.bytes * a.buffers)
          .slice(0, 5)
          .map(({ label, bytes, buffers }) => [label, formatBytes(bytes * buffers)] as const),
      },
      size: memory.byClass[name],
      value: formatBytes(memory.byClass[name]),
    };
  });
  const { label, bytes } = needs.binding;
  const limit = adapter === null ? null : Math.min(adapter.maxBindingBytes, adapter.maxBufferBytes);
  return (
    <section aria-label="GPU memory">
      <h3>
        GPU memory <span className="num">{formatBytes(memory.total)}</span>
      </h3>
      <Bars rows={rows} label="Estimated GPU memory by use" />
      {gpuBytes !== null && (
        <p className="note num">
          In use: {formatBytes(gpuBytes)}, {formatPercent(gpuBytes / memory.total)} of the estimate.
        </p>
      )}
      {limit !== null && (
        <p className="accounting-limit">
          <span>
            The run needs {mebibytes(bytes)} in one buffer ({label.toLowerCase()}); this adapter
            binds at most {mebibytes(limit)}
          </span>
          <span className="meter" aria-hidden="true">
            <i
              className={bytes > limit ? 'over' : undefined}
              style={{ '--part': Math.min(1, bytes / limit) }}
            />
          </span>
        </p>
      )}
      {memory.problems.map(({ message }) => (
        <p key={message} className="field-error" role="alert">
          {message}
        </p>
      ))}
    </section>
  );
}
