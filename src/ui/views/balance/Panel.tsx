import { useCallback } from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { hasSelectionBias } from '../../../config/balancing.ts';
import { experimentAtStep } from '../../../config/edit.ts';
import type { LayerSpace } from '../../../config/telemetry.ts';
import { StepChart } from '../../kit/charts/StepChart.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { LinesTable } from '../../kit/figure/LinesTable.tsx';
import { Sides } from '../../kit/figure/Sides.tsx';
import { formatFixed } from '../../kit/format.ts';
import { useSides } from '../../kit/instruments.ts';
import { LookLayerPicker } from '../../kit/LookLayerPicker.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import { useHead } from '../../kit/place.ts';
import { useView } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { type BalanceFields, WINDOWS } from './fields.ts';
import { batchesTogether, biasLines, loadLines, slotLooks, vioLines } from './lines.ts';
import './balance.css';

export const about: Explanation = {
  label: 'Balance over training',
  meaning:
    'How even the load is, of single batches and of many together, and how the load of each slot moves. A rule may balance a window of steps while every batch is uneven.',
  formula: 'MaxVio = max c_i·R/A − 1',
  source: 'Wang 2024 (2408.15664)',
};

const WINDOW_NAMES = Object.fromEntries(
  WINDOWS.map((steps) => [steps, `${steps} batches`]),
) as Record<BalanceFields['window'], string>;

const EVEN = [
  {
    key: 'even',
    label: 'even',
    value: 1,
    color: 'var(--ref-1)',
    help: 'Load of every slot of a balanced layer',
  },
];

const format = (value: number) => formatFixed(value, 3);

interface OneLayer {
  source: RunSource;
  space: LayerSpace;
}

/** MaxVio of batches and of windows. */
function Vio({ source, space, window }: OneLayer & { window: number }) {
  const lines = useCallback(() => vioLines(source, space, window), [source, space, window]);
  const title = `MaxVio, layer ${space.layer}`;
  return (
    <>
      <StepChart
        title={title}
        hint="How far the busiest slot lies above an even load. A point that stands for several steps has their most uneven batch."
        name="switchyard-maxvio"
        height={200}
        lines={lines}
        format={format}
      />
      <LinesTable title={title} lines={lines} format="decimal" />
    </>
  );
}

const SLOT_CHARTS = {
  load: {
    title: 'Load by slot',
    hint: 'Assignments of a slot over the window of batches, in units of an even load.',
    name: 'switchyard-slot-loads',
    baselines: EVEN,
  },
  bias: {
    title: 'Selection bias of each slot',
    hint: 'What is added to a slot’s score where slots are ranked: it rises while the slot has too little load.',
    name: 'switchyard-slot-biases',
    baselines: [],
  },
} as const;

/** Which line is which slot, where these are too many for the legend. */
function SlotKey({ source, space }: OneLayer) {
  const unlisted = slotLooks(source, space).filter(({ isUnlisted }) => isUnlisted);
  if (unlisted.length === 0) return null;
  return (
    <ul className="legend balance-key" aria-label={`Lines of layer ${space.layer}`}>
      {unlisted.map(({ key, label, color, dash }) => (
        <li key={key}>
          <svg width={18} height={8} aria-hidden="true">
            <line
              x1={0}
              x2={18}
              y1={4}
              y2={4}
              stroke={color}
              strokeWidth={2}
              strokeDasharray={dash}
            />
          </svg>
          <span>{label}</span>
        </li>
      ))}
    </ul>
  );
}

function Slots({
  source,
  space,
  window,
  of,
}: OneLayer & { window: number; of: keyof typeof SLOT_CHARTS }) {
  const lines = useCallback(
    () => (of === 'load' ? loadLines(source, space, window) : biasLines(source, space)),
    [source, space, window, of],
  );
  const chart = SLOT_CHARTS[of];
  const batches = batchesTogether(source, space.layer, window);
  const over = of === 'load' ? ` over ${batches} batches` : '';
  const title = `${chart.title}${over}, layer ${space.layer}`;
  return (
    <>
      <StepChart {...chart} title={title} height={200} lines={lines} format={format} />
      <SlotKey {...{ source, space }} />
      <LinesTable title={title} lines={lines} format="decimal" />
    </>
  );
}

function OneRun({ source, window }: { source: RunSource; window: number }) {
  useHead(source);
  const layer = useView((s) => s.layer);
  const spaces = source.spaces(null);
  const space = spaces.find((one) => one.layer === layer) ?? spaces[0];
  const { experiment } = source.head;
  const hasBias =
    space !== undefined &&
    [experiment, experimentAtStep(experiment, source.step + 1)].some((one) =>
      hasSelectionBias(one, space.layer),
    );
  if (space === undefined) return <p className="empty">This run has no MoE layer.</p>;
  return (
    <div className="balance-charts">
      <div>
        <Vio {...{ source, space, window }} />
      </div>
      <div>
        <Slots {...{ source, space, window }} of="load" />
      </div>
      {hasBias && (
        <div>
          <Slots {...{ source, space, window }} of="bias" />
        </div>
      )}
    </div>
  );
}

/** How even the load of a layer is, and what moves it. */
export default function BalancePanel({ source, value, set }: ViewProps<BalanceFields>) {
  const sides = useSides((s) => s.sides);
  useHead(source);
  const layers = source.spaces(null);
  return (
    <PanelFrame className="balance" beside={<LookLayerPicker look={{ layers }} />}>
      <div className="balance-tools">
        <span>Together</span>
        <Picker
          label="Window"
          value={value.window}
          options={WINDOW_NAMES}
          choose={(window) => set({ window })}
        />
      </div>
      <Sides of={sides}>
        {(side) => <OneRun source={side.source} window={Number(value.window)} />}
      </Sides>
    </PanelFrame>
  );
}
