import { useMemo } from 'react';
import { counted } from '../../../config/plural.ts';
import type { CurvesByLayer } from '../../../state/conversion/curves.ts';
import type { ConversionState } from '../../../worker/api.ts';
import { ConversionPanel } from '../../kit/ConversionPanel.tsx';
import { useConversion } from '../../kit/conversion.ts';
import { Curves } from '../../kit/figure/Curves.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { formatShort } from '../../kit/format.ts';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import { endOf, inOrder, stepsPerPoint, windowMeans } from './curves.ts';
import type { DistilFields } from './fields.ts';
import './distil.css';

const LOSSES = { mse: 'mse', balance: 'balance' } as const;
const SCALES = { log: 'log', linear: 'linear' } as const;

/** Every step of every layer and seed. */
function stepsTable(curves: CurvesByLayer): FigureTable {
  return {
    columns: [
      { title: 'layer' },
      { title: 'seed', format: 'index' },
      { title: 'step', format: 'index' },
      { title: 'mse', format: 'units' },
      { title: 'balance', format: 'units' },
    ],
    rows: inOrder(curves).flatMap(({ layer, seed, mse, balance }) =>
      mse.map((value, i) => [`L${layer}`, seed, i + 1, value, balance[i] ?? null]),
    ),
  };
}

/** "L0 0.0012, L1 0.0034": the mse at the end by layer, of those that have taken all steps, and whether it grows. */
function endsInWords(curves: CurvesByLayer, steps: number): string {
  const ends = inOrder(curves)
    .filter(({ seed, mse }) => seed === 0 && mse.length >= steps)
    .map(({ layer, mse }) => ({ layer, end: endOf(mse) }));
  const list = ends.map(({ layer, end }) => `L${layer} ${formatShort(end)}`).join(', ');
  const rises = ends.filter(({ end }, i) => i > 0 && end > ends[i - 1]!.end).length;
  if (ends.length === 0) return 'No layer is at its end yet.';
  if (ends.length < 2) return `mse at the end: ${list}.`;
  return `mse at the end: ${list}; it grows from a layer to the next in ${rises} of ${ends.length - 1} steps upward.`;
}

interface LossesProps extends Pick<ViewProps<DistilFields>, 'value' | 'set'> {
  state: ConversionState;
}

/** Live losses of every layer and seed (Figures 2 and 3). */
function Losses({ state, value: { loss, isLog }, set }: LossesProps) {
  const curves = useConversion((s) => s.curves);
  const version = useConversion((s) => s.version);
  const { settings } = state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the curves grow in place with the version
  const drawn = useMemo(() => {
    const every = stepsPerPoint(settings.steps);
    const layers = [...new Set(inOrder(curves).map(({ layer }) => layer))];
    const all = inOrder(curves).map((one) => ({
      label: settings.seeds > 1 ? `L${one.layer} seed ${one.seed}` : `L${one.layer}`,
      color: categoryLook(layers.indexOf(one.layer)).color,
      dash: one.seed === 0 ? '' : '4 3',
      values: windowMeans(one[loss], every),
    }));
    return { every, all };
  }, [curves, version, loss, settings]);
  if (drawn.all.length === 0)
    return <p className="empty">Vectors are recorded first; curves come with the first steps.</p>;
  const means = drawn.every === 1 ? '' : `, means of ${counted(drawn.every, 'step')}`;
  return (
    <FigureFrame
      name="switchyard-distillation"
      title={`${loss} by layer and step`}
      caption={() =>
        `Distillation ${loss} of every layer over ${counted(settings.steps, 'step')} of ${settings.batch} vectors from the ${settings.start} start${means}. ${endsInWords(curves, settings.steps)} LaDiMo, Figures 2 and 3.`
      }
      table={() => stepsTable(curves)}
      tools={
        <>
          <Picker
            label="Loss"
            value={loss}
            options={LOSSES}
            choose={(name) => set({ loss: name })}
          />
          <Picker
            label="Axis of the loss"
            value={isLog ? 'log' : 'linear'}
            options={SCALES}
            choose={(name) => set({ isLog: name === 'log' })}
          />
        </>
      }
      runs={[{ name: state.name, experiment: state.teacher.experiment }]}
    >
      <Curves
        curves={drawn.all}
        format="units"
        along="step"
        first={1}
        every={drawn.every}
        isLog={isLog}
      />
      <p className="num muted">{endsInWords(curves, settings.steps)}</p>
    </FigureFrame>
  );
}

/** How every layer learns to do what its dense FFN did. */
export default function DistilPanel({ value, set }: ViewProps<DistilFields>) {
  return (
    <ConversionPanel
      className="distil"
      sub={({ settings }) =>
        `${settings.start} start, ${settings.N} experts, top-${settings.K}, α ${settings.alpha}`
      }
    >
      {(state) => <Losses state={state} value={value} set={set} />}
    </ConversionPanel>
  );
}
