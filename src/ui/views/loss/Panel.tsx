import { useMemo, useSyncExternalStore } from 'react';
import { AUX_TERM_ROWS } from '../../../config/auxTerms.ts';
import { LogAxes, ResetZoom, Smoothing } from '../../kit/charts/ChartTools.tsx';
import { SmallChart, type SmallLine } from '../../kit/charts/SmallChart.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import { useLab, useRun, useView } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { KeptRuns } from './KeptRuns.tsx';
import { LossChart } from './LossChart.tsx';
import './loss.css';

const GRAD_NORM: readonly SmallLine[] = [
  { metric: 'gradNorm', label: 'before clipping', color: 'var(--valid)' },
];
const LEARNING_RATE: readonly SmallLine[] = [{ metric: 'lr', label: 'lr', color: 'var(--ref-2)' }];

/** All charts over steps, and what they have in common. */
export default function ChartsPanel({ source }: ViewProps) {
  const { view } = useLab();
  const xUnit = useView((s) => s.xUnit);
  const showPrevious = useView((s) => s.showPrevious);
  const previous = useRun((s) => s.previous);
  const { losses } = useHead(source).experiment;
  const isUntrained = useSyncExternalStore(source.subscribe, () => source.step === 0);
  const aux = useMemo<SmallLine[]>(() => {
    const active = AUX_TERM_ROWS.filter(({ name }) => losses[name] !== undefined);
    return (active.length > 0 ? active : AUX_TERM_ROWS.slice(0, 1)).map((row) => ({
      metric: row.name,
      label: row.label,
      color: row.color,
    }));
  }, [losses]);
  const { set } = view.getState();
  return (
    <PanelFrame
      className="loss"
      sub="nats per token"
      tools={
        <>
          <Smoothing />
          {previous !== null && (
            <button
              type="button"
              className="btn quiet small"
              aria-pressed={showPrevious}
              title="The training loss of the run before this one, smoothed; in nats of its own tokens"
              onClick={() => set({ showPrevious: !showPrevious })}
            >
              previous run
            </button>
          )}
          <button
            type="button"
            className="btn quiet small"
            title="What the horizontal axis counts"
            aria-label={`x: ${xUnit}, horizontal axis`}
            onClick={() => set({ xUnit: xUnit === 'steps' ? 'tokens' : 'steps' })}
          >
            x: {xUnit}
          </button>
          <LogAxes />
          <ResetZoom />
        </>
      }
    >
      <LossChart source={source} height={264} />
      <KeptRuns source={source} />
      <div className={isUntrained ? 'loss-charts untrained' : 'loss-charts'}>
        <SmallChart title="Balance loss" lines={aux} />
        <SmallChart title="Gradient norm" lines={GRAD_NORM} />
        <SmallChart title="Learning rate" lines={LEARNING_RATE} />
      </div>
    </PanelFrame>
  );
}
