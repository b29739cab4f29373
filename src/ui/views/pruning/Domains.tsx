import { memo } from 'react';
import { pruning } from '../../../analysis/figures/pruning.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { HeatMap } from '../../kit/figure/HeatMap.tsx';
import { elementAt } from '../../kit/figure/tensor.ts';
import { formatLoss } from '../../kit/format.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { domainLabels, lookSentence, slotLabels } from '../../kit/lookWords.ts';
import { changeTable, keptTable, type Pruned } from './tables.ts';

interface OfLook {
  look: Look;
  result: Pruned;
  /** What was kept, in words. */
  kept: string;
}

/** What each domain's loss rises by where only the experts of one are left. */
export const Changes = memo(function Changes({ look, result, kept }: OfLook) {
  const { domainNames } = look;
  const { change, changeOfAll } = result.values;
  const row = pruning.rows.change;
  const own = domainNames.map((name, d) => `${name} ${formatLoss(elementAt(change, d, d))}`);
  return (
    <FigureFrame
      name="switchyard-pruning-domains"
      title="Loss with the experts of one domain alone"
      caption={() =>
        `${row.meaning} Kept: ${kept}. Of its own text, in nats: ${own.join(', ')}. ${lookSentence(look)}`
      }
      table={() => changeTable(look, result)}
      tools={<Explain about={row}>?</Explain>}
    >
      <HeatMap
        rows={domainNames.map((name) => ({ label: `${name} kept`, short: name }))}
        columns={[...domainLabels(look), 'all']}
        value={(k, d) =>
          d < domainNames.length ? elementAt(change, k, d) : (changeOfAll.data[k] ?? Number.NaN)
        }
        color="signed"
        format="nats"
        quantity="change, nats"
      />
    </FigureFrame>
  );
});

/** Which slots of a layer were kept for each domain. */
export const Kept = memo(function Kept({ look, result, kept }: OfLook) {
  const pruned = {
    layers: look.layers.filter(({ layer }) => result.layers.some((one) => one.layer === layer)),
  };
  const place = useLookPlace(pruned);
  const layer = pruned.layers[place];
  const values = result.layers[place]?.values;
  if (layer === undefined || values === undefined) return null;
  return (
    <FigureFrame
      name={`switchyard-pruning-kept-layer-${layer.layer}`}
      title={`Slots kept for each domain, layer ${layer.layer}`}
      caption={() => `Dark: kept, by ${kept}. ${lookSentence(look)}`}
      table={() => keptTable(look, result)}
      tools={
        <>
          <LookLayerPicker look={pruned} />
          <Explain about={pruning.layerRows.kept}>?</Explain>
        </>
      }
    >
      <HeatMap
        rows={look.domainNames}
        columns={slotLabels(layer)}
        value={(d, slot) => elementAt(values.kept, d, slot)}
        color="sequential"
        format="index"
        quantity="1: kept"
        span={[0, 1]}
      />
    </FigureFrame>
  );
});
