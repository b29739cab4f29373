import { memo } from 'react';
import { domains } from '../../../analysis/figures/domains.ts';
import type { SlotKind } from '../../../config/experiment.ts';
import { SLOT_KINDS, slotKind } from '../../../config/slots.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { elementAt } from '../../kit/figure/tensor.ts';
import { domainLabels, lookSentence } from '../../kit/lookWords.ts';
import { Picker } from '../../kit/Picker.tsx';
import type { ByDomainFields } from './fields.ts';
import { kindsTable, type Result } from './tables.ts';

type Per = ByDomainFields['per'];
type SetFields = (part: Partial<ByDomainFields>) => void;

const PER: Readonly<Record<Per, string>> = { token: 'per token', assignment: 'share' };
const ROWS = { token: 'kindPerToken', assignment: 'kindRatio' } as const;

interface KindsProps {
  look: Look;
  layers: Result['layers'];
  per: Per;
}

/** Slots of each kind that the tokens of every domain choose in one layer: MoE++ Figure 4. */
export const KindsOfLayer = memo(function KindsOfLayer({
  look,
  layers,
  place,
  per,
  set,
}: KindsProps & { place: number; set: SetFields }) {
  const shown = layers[place];
  const kinds = look.layers[place]?.kinds ?? [];
  if (shown === undefined) return null;
  const row = domains.layerRows[ROWS[per]];
  const of = shown.values[ROWS[per]];
  const present = SLOT_KINDS.filter((kind) => kinds.includes(kind));
  const at = (d: number, kind: SlotKind) => elementAt(of, d, SLOT_KINDS.indexOf(kind));
  return (
    <FigureFrame
      name={`switchyard-bydomain-kinds-layer-${shown.layer}`}
      title={`Kinds of slots by domain, layer ${shown.layer}`}
      caption={() => `${row.meaning} Beside each domain: FFN experts. ${lookSentence(look)}`}
      table={() => kindsTable({ ...look, layers: look.layers.slice(place, place + 1) }, [shown])}
      tools={
        <>
          <Picker
            label="Kinds are counted"
            value={per}
            options={PER}
            choose={(per) => set({ per })}
          />
          <Explain about={row}>?</Explain>
        </>
      }
    >
      <Bars
        categories={look.domainNames.map((name, d) => {
          return { label: `${name} (FFN ${formatValue(at(d, 'ffn'), row.format)})`, short: name };
        })}
        series={present.map((kind) => ({
          label: slotKind(kind).name,
          color: slotKind(kind).color,
          values: look.domainNames.map((_, d) => at(d, kind)),
        }))}
        stacked
        format={row.format}
        quantity={per === 'token' ? 'slots per token' : 'share of the assignments'}
      />
    </FigureFrame>
  );
});

/** One kind of slot in all layers, by domain: MoE++ Figures B to F. */
export const KindByLayer = memo(function KindByLayer({
  look,
  layers,
  per,
  kind,
  set,
}: KindsProps & { kind: SlotKind; set: SetFields }) {
  const present = SLOT_KINDS.filter((one) => look.layers.some(({ kinds }) => kinds.includes(one)));
  const shown = present.includes(kind) ? kind : (present[0] ?? 'ffn');
  const row = domains.layerRows[ROWS[per]];
  const { name } = slotKind(shown);
  return (
    <FigureFrame
      name={`switchyard-bydomain-${shown}`}
      title={`Slots of kind ${name} by layer and domain`}
      caption={() => `${row.meaning} The kind is ${name}. ${lookSentence(look)}`}
      table={() => kindsTable(look, layers)}
      tools={
        <Picker
          label="Kind"
          value={shown}
          options={
            Object.fromEntries(present.map((one) => [one, slotKind(one).name])) as Record<
              SlotKind,
              string
            >
          }
          choose={(kind) => set({ kind })}
        />
      }
    >
      <HeatMap
        rows={layers.map(({ layer }) => `layer ${layer}`)}
        columns={domainLabels(look)}
        value={(place, d) => {
          const values = layers[place]?.values;
          return values === undefined
            ? null
            : elementAt(values[ROWS[per]], d, SLOT_KINDS.indexOf(shown));
        }}
        color="sequential"
        format={row.format}
        quantity={`${name}, ${PER[per]}`}
      />
    </FigureFrame>
  );
});
