import { slotsNow } from '../../../analysis/slotsSince.ts';
import type { GeneratedToken } from '../../../worker/api.ts';
import { formatFixed, formatPercent } from '../../kit/format.ts';
import { layerSigns } from '../../kit/slotNames.ts';
import { useLab } from '../../kit/useLab.tsx';

/** What stood beside a token, and which experts wrote it. */
export function TokenDetails({ id, token }: { id: string; token: GeneratedToken }) {
  const { source } = useLab();
  const { candidates, routing, isRecomputed } = token;
  const spaces = source.spaces(null);
  const signsOf = (layer: number) => {
    const kinds = spaces.find((space) => space.layer === layer)?.kinds ?? [];
    return layerSigns(slotsNow(source, layer).settings, layer, kinds);
  };
  const isAmong = candidates.some((one) => one.id === token.id);
  const rows = isAmong ? candidates : [...candidates, token];
  return (
    <div id={id} className="samples-token">
      <table>
        <caption>
          Token {token.index + 1}: <b className="mono">{token.label}</b>, with the most likely ones
          {isRecomputed && <span className="muted"> by its window as a whole</span>}
        </caption>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id} className={one.id === token.id ? 'written' : undefined}>
              <th scope="row" className="mono">
                {one.label}
                {one.id === token.id && <span className="visually-hidden">, written</span>}
              </th>
              <td className="num">{formatPercent(one.probability)}</td>
              <td aria-hidden="true">
                <i style={{ width: `${100 * one.probability}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {routing.length > 0 && (
        <table>
          <caption>Experts that wrote it, with their weights</caption>
          <tbody>
            {routing.map(({ layer, selected, gates }) => {
              const signs = signsOf(layer);
              const chosen = Array.from(
                selected,
                (slot, w) => `${signs[slot] ?? slot} ${formatFixed(gates[w] ?? 0, 2)}`,
              );
              return (
                <tr key={layer}>
                  <th scope="row">Layer {layer}</th>
                  <td className="num">{chosen.join(' · ')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}
