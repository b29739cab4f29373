import { type ReactNode, useState } from 'react';
import { hasRanks } from '../../../analysis/figures/assignments.ts';
import type { Intervention } from '../../../analysis/inspection.ts';
import type { SlotKind } from '../../../config/experiment.ts';
import { SLOT_KINDS, slotKind } from '../../../config/slots.ts';
import { Button } from '../../kit/Button.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import { placeOf, type Seen, slotName, stopsOf } from './seen.ts';
import type { At } from './TokenPath.tsx';

interface AskFormProps {
  seen: Seen;
  add: (item: Intervention) => void;
}

interface TokenAskProps extends AskFormProps {
  token: number;
  at: At;
  askAlternatives: () => void;
}

const MOST_FACTOR = 1e6;

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset does not lay out as a row everywhere
    <div className="passage-row" role="group" aria-label={label}>
      <span className="muted">{label}</span>
      {children}
    </div>
  );
}

/** What can be asked of the chosen assignment of the pinned token. */
export function TokenAsk({ seen, add, token, at, askAlternatives }: TokenAskProps) {
  const { look, paths, what } = seen;
  const place = placeOf(look, at.layer);
  const layer = look.layers[place];
  const [factor, setFactor] = useState(0.5);
  const [chosen, setChosen] = useState<number | null>(null);
  // With what is asked already, the token may hold another slot.
  const held = stopsOf(what?.with ?? paths, place, token)[at.rank]?.slot;
  if (layer === undefined) return null;
  const others = layer.kinds.flatMap((_, slot) => (slot === held ? [] : [slot]));
  const slot = chosen !== null && others.includes(chosen) ? chosen : (others[0] ?? 0);
  const where = { layer: at.layer, token };
  const scale = (by: number) => {
    if (held !== undefined) add({ type: 'scale', ...where, slot: held, factor: by });
  };
  const isOff = held === undefined;
  return (
    <>
      <Row
        label={`Layer ${at.layer}, rank ${at.rank}${isOff ? '' : `, slot ${slotName(layer, held)}`}`}
      >
        <Button className="btn small" isOff={isOff} onClick={() => scale(0)}>
          Mask
        </Button>
        <Button className="btn small" isOff={isOff} onClick={() => scale(-1)}>
          Flip sign
        </Button>
        <WholeNumber
          label="Factor"
          value={factor}
          min={-MOST_FACTOR}
          max={MOST_FACTOR}
          isFloat
          change={setFactor}
        />
        <Button className="btn small" isOff={isOff} onClick={() => scale(factor)}>
          × {factor}
        </Button>
      </Row>
      {others.length > 0 && hasRanks(layer) && (
        <Row label={`Another slot at rank ${at.rank}`}>
          <select
            className="select compact"
            aria-label={`Slot for rank ${at.rank}`}
            value={slot}
            onChange={(event) => setChosen(Number(event.target.value))}
          >
            {others.map((other) => (
              <option key={other} value={other}>
                {slotName(layer, other)}
              </option>
            ))}
          </select>
          <Button
            className="btn small"
            onClick={() => add({ type: 'force', ...where, rank: at.rank, slot })}
          >
            Force
          </Button>
          <Button className="btn small" onClick={askAlternatives}>
            Every other slot
          </Button>
        </Row>
      )}
    </>
  );
}

const EVERYWHERE = '';

/** What can be asked of a layer, or of all of them, for every token. */
export function LayerAsk({ seen: { look }, add }: AskFormProps) {
  const [layer, setLayer] = useState<number | null>(null);
  const [left, setLeft] = useState<ReadonlySet<number> | null>(null);
  const [wanted, setKind] = useState<SlotKind | null>(null);
  const found = look.layers[placeOf(look, layer ?? -1)];
  const among = found === undefined ? look.layers : [found];
  const kinds = SLOT_KINDS.filter((kind) => among.some((one) => one.kinds.includes(kind)));
  const kind = wanted !== null && kinds.includes(wanted) ? wanted : kinds[0];
  const kept = left ?? new Set(found?.kinds.keys());
  if (kind === undefined) return null;
  return (
    <>
      <Row label="For every token">
        <select
          className="select compact"
          aria-label="Layers that are changed"
          value={found?.layer ?? EVERYWHERE}
          onChange={({ target: { value } }) => {
            setLayer(value === EVERYWHERE ? null : Number(value));
            setLeft(null);
          }}
        >
          <option value={EVERYWHERE}>all MoE layers</option>
          {look.layers.map((one) => (
            <option key={one.layer} value={one.layer}>
              layer {one.layer}
            </option>
          ))}
        </select>
        <select
          className="select compact"
          aria-label="Kind of slots"
          value={kind}
          onChange={(event) => setKind(kinds.find((one) => one === event.target.value) ?? null)}
        >
          {kinds.map((one) => (
            <option key={one} value={one}>
              {slotKind(one).name}
            </option>
          ))}
        </select>
        <Button
          className="btn small"
          onClick={() => add({ type: 'removeKind', kind, layer: found?.layer ?? null })}
        >
          Remove the kind
        </Button>
      </Row>
      {found !== undefined && (
        <Row label="Keep only">
          {found.kinds.map((_, slot) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its place
            <label key={slot} className="passage-slot">
              <input
                type="checkbox"
                checked={kept.has(slot)}
                onChange={({ target: { checked } }) => {
                  const next = new Set(kept);
                  if (checked) next.add(slot);
                  else next.delete(slot);
                  setLeft(next);
                }}
              />
              {slotName(found, slot)}
            </label>
          ))}
          <Button
            className="btn small"
            onClick={() =>
              add({ type: 'keepOnly', layer: found.layer, slots: [...kept].sort((a, b) => a - b) })
            }
          >
            Keep only these
          </Button>
        </Row>
      )}
    </>
  );
}
