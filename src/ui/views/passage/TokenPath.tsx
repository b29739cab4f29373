import { useId } from 'react';
import { slotKind } from '../../../config/slots.ts';
import type { Paths } from '../../../state/looks/ask.ts';
import { formatValue } from '../../kit/figure/formats.ts';
import { type LookLayer, slotSign } from '../../kit/lookWords.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { type Seen, type Stop, stopsOf, targetAt, textAt } from './seen.ts';

/** An assignment that is asked about. */
export interface At {
  layer: number;
  rank: number;
}

interface TokenPathProps {
  seen: Seen;
  u: number;
  /** Which assignment is chosen; null where none can be. */
  at: At | null;
  choose: ((at: At) => void) | null;
}

function StopCells({ layer, stop }: { layer: LookLayer; stop: Stop | undefined }) {
  if (stop === undefined) return <td colSpan={4}>–</td>;
  const hidden = layer.hidden[stop.slot] ?? 0;
  const kind = layer.kinds[stop.slot];
  return (
    <>
      <td title={kind && slotKind(kind).name}>
        <span className="glyph">{slotSign(layer, stop.slot)}</span>
        <span className="muted">{hidden > 0 ? hidden : kind && slotKind(kind).short}</span>
      </td>
      <td className="num">{formatValue(stop.gate, 'decimal')}</td>
      <td className="num">{formatValue(stop.norm, 'decimal')}</td>
      <td>{stop.isDropped ? 'dropped' : 'kept'}</td>
    </>
  );
}

const COLUMNS = ['Slot', 'g', '‖g·E(m)‖', ''] as const;
const TITLES = [
  'Slot and its width, or its kind',
  'Routing weight',
  'Norm of what it adds',
  'Whether capacity dropped it',
];

function Head({ hasWith, canChoose }: { hasWith: boolean; canChoose: boolean }) {
  const names = (prefix: string) =>
    COLUMNS.map((name, i) => (
      <th
        key={prefix + name}
        scope="col"
        className={i === 1 || i === 2 ? 'num' : undefined}
        title={TITLES[i]}
      >
        {name === '' ? <span className="visually-hidden">kept or dropped</span> : name}
      </th>
    ));
  return (
    <thead>
      {hasWith && (
        <tr>
          <td colSpan={canChoose ? 3 : 2} />
          <th scope="colgroup" colSpan={4}>
            without
          </th>
          <th scope="colgroup" colSpan={4}>
            with
          </th>
        </tr>
      )}
      <tr>
        <th scope="col">Layer</th>
        {canChoose && (
          <th scope="col">
            <span className="visually-hidden">Ask about</span>
          </th>
        )}
        <th scope="col">Rank</th>
        {names('without')}
        {hasWith && names('with')}
      </tr>
    </thead>
  );
}

interface LayerRowsProps extends TokenPathProps {
  place: number;
  /** Of the radio buttons of one table. */
  group: string;
}

function worth(paths: Paths, place: number, u: number): string {
  const values = paths.tokens.layers[place]?.values;
  const computing = formatValue(values?.computing.data[u] ?? null, 'count');
  return `${computing} computing, ${formatValue(values?.width.data[u] ?? null, 'units')} wide`;
}

function LayerRows({ seen, u, at, choose, place, group }: LayerRowsProps) {
  const layer = seen.look.layers[place];
  if (layer === undefined) return null;
  const { paths, what } = seen;
  const before = stopsOf(paths, place, u);
  const after = what === null ? [] : stopsOf(what.with, place, u);
  const ranks = Math.max(1, before.length, after.length);
  return Array.from({ length: ranks }, (_, rank) => {
    const isChosen = at?.layer === layer.layer && at.rank === rank;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: a row is its rank
      <tr key={rank} className={isChosen ? 'passage-chosen' : undefined}>
        {rank === 0 && (
          <th scope="rowgroup" rowSpan={ranks} className="passage-layer">
            {layer.layer}
            <span className="muted">{worth(paths, place, u)}</span>
            {what !== null && <span className="muted">with: {worth(what.with, place, u)}</span>}
          </th>
        )}
        {choose !== null && (
          <td>
            <input
              type="radio"
              name={group}
              aria-label={`Ask about layer ${layer.layer}, rank ${rank}`}
              checked={isChosen}
              disabled={before[rank] === undefined && after[rank] === undefined}
              onChange={() => choose({ layer: layer.layer, rank })}
            />
          </td>
        )}
        <td className="num">{before.length === 0 ? '–' : rank}</td>
        <StopCells layer={layer} stop={before[rank]} />
        {what !== null && <StopCells layer={layer} stop={after[rank]} />}
      </tr>
    );
  });
}

/** The whole path of a token through the MoE layers; with interventions beside without, where asked. */
export function TokenPath(props: TokenPathProps) {
  const { seen, u, choose } = props;
  const { look, paths, what } = seen;
  const group = useId();
  const around = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from) }, (_, i) => textAt(look, from + i)).join('');
  const U = look.tokens.length;
  const loss = paths.tokens.values.ce?.data[u] ?? Number.NaN;
  return (
    <div className="passage-path">
      <p className="passage-around mono">
        {u > 0 && '…'}
        {around(Math.max(0, u - 12), u)}
        <b>{textAt(look, u)}</b>
        {around(u + 1, Math.min(U, u + 13))}
        {u + 1 < U && '…'}
      </p>
      <p>
        Token {u}, then “{targetAt(look, u)}”: loss{' '}
        <b className="num">{formatValue(loss, 'nats')}</b> nats
        {what !== null && (
          <>
            , with what is asked{' '}
            <b className="num">
              {formatValue(what.with.tokens.values.ce?.data[u] ?? null, 'nats')}
            </b>
          </>
        )}
        {look.domainNames.length > 1 && `, of ${look.domainNames[look.domains[u] ?? -1] ?? '–'}`}
      </p>
      {look.layers.length === 0 ? (
        <p className="muted">This model has no MoE layer: every token goes the same way.</p>
      ) : (
        <ScrollX label={`Path of token ${u}`}>
          <table className="data passage-stops">
            <caption className="visually-hidden">Path of token {u} by layer and rank</caption>
            <Head hasWith={what !== null} canChoose={choose !== null} />
            <tbody>
              {look.layers.map(({ layer }, place) => (
                <LayerRows key={layer} {...props} place={place} group={group} />
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
    </div>
  );
}
