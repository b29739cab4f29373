import { lazy, type ReactNode, useId, useMemo, useRef, useState } from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { pendingPaths } from '../../../state/configStore.ts';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import {
  formatBytes,
  formatCompact,
  formatPercent,
  formatSeconds,
  formatSi,
} from '../../kit/format.ts';
import { ChevronIcon } from '../../kit/icons.tsx';
import { Loaded } from '../../kit/Loaded.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useConfig, useRun } from '../../kit/useLab.tsx';
import { useLiveVersion } from '../../kit/useLive.ts';
import type { ViewProps } from '../view.ts';
import { CostDetails, MemoryDetails, PaperDetails, ParameterDetails } from './Details.tsx';
import { PAPER_TEXTS, TIME_TEXT } from './explanations.ts';
import { type Accounting, accountingOf, measuredNa, stepSeconds } from './figures.ts';
import type { Folded } from './folded.ts';
import { MeasureButton, TimeDetails } from './TimeDetails.tsx';
import './accounting.css';

const FullSize = lazy(() => import('./FullSize.tsx'));

const EXACT: Explanation = {
  label: 'Parameters',
  meaning: 'Exact count of everything that is trained: tables, routers and norms included.',
};
const MEMORY: Explanation = {
  label: 'GPU memory',
  meaning:
    'Weights, gradients, AdamW moments, activations and the rest, as the engine will allocate them before the first step; nothing is added in training.',
};

function Tile({
  about,
  symbol,
  value,
  note,
  measured,
}: {
  about: Explanation;
  symbol?: string;
  value: ReactNode;
  note?: ReactNode;
  measured?: ReactNode;
}) {
  return (
    <div className="accounting-tile">
      <dt>
        <Explain about={about}>{about.label}</Explain>
        {symbol !== undefined && <i className="symbol">{symbol}</i>}
      </dt>
      <dd className="value num">{value}</dd>
      <dd className="sub num">{measured ?? note}</dd>
    </div>
  );
}

/** The figures of the form's experiment; null while its settings contradict each other. */
function useAccounting(): Accounting | null {
  const experiment = useConfig((s) => s.experiment);
  const adapter = useRun((s) => s.adapter);
  const known = useRun((s) => s.report?.vocabulary ?? null);
  return useMemo(() => accountingOf(experiment, adapter, known), [experiment, adapter, known]);
}

/** Seconds per step of the open run, null where it is not known or not of these settings. */
function useStepSeconds(isOfRun: boolean): number | null {
  const stepsPerSec = useRun((s) => s.stepsPerSec);
  return isOfRun && stepsPerSec > 0 ? 1 / stepsPerSec : null;
}

interface FiguresProps {
  accounting: Accounting;
  source: RunSource;
  version: number;
  isOpen: boolean;
}

function Figures({ accounting, source, version, isOpen }: FiguresProps) {
  const adapter = useRun((s) => s.adapter);
  const speed = useRun((s) => s.speed);
  const report = useRun((s) => s.report);
  const step = useRun((s) => s.step);
  const isOfRun = useConfig((s) => s.running !== null && pendingPaths(s, step).length === 0);
  const perStep = useStepSeconds(isOfRun);
  const { config, counts, paper, memory, compute } = accounting;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the loads grow in place; version tells
  const measured = useMemo(
    () => (isOfRun ? measuredNa(config, source) : null),
    [config, isOfRun, source, version],
  );
  const estimate = speed === null ? Number.NaN : stepSeconds(accounting, speed);
  const gpuBytes = isOfRun ? (report?.gpuBytes ?? null) : null;
  const { totalSteps } = config.optimizer;
  const bound = measured?.isUpperBound ? '≤ ' : '';
  return (
    <>
      <dl className="accounting-tiles">
        <Tile about={EXACT} value={formatCompact(counts.total)} note="exact, all classes" />
        <Tile
          about={PAPER_TEXTS.Na}
          symbol="Na"
          value={formatCompact(paper.Na)}
          note={`${formatPercent(paper.ra)} of N = ${formatCompact(paper.N)}`}
          measured={measured && `measured ${bound}${formatCompact(measured.Na)}`}
        />
        <Tile
          about={PAPER_TEXTS.M}
          symbol="M"
          value={formatSi(paper.M, 'FLOP')}
          note={`C = ${formatSi(compute, 'FLOP')}`}
        />
        <Tile
          about={MEMORY}
          value={formatBytes(memory.total)}
          note="estimated"
          measured={gpuBytes === null ? null : `in use ${formatBytes(gpuBytes)}`}
        />
        <Tile
          about={TIME_TEXT}
          value={speed === null ? '–' : `≈ ${formatSeconds(estimate)}`}
          note={
            speed === null ? (
              <MeasureButton className="link-btn" />
            ) : (
              `run ≈ ${formatSeconds(estimate * totalSteps)}`
            )
          }
          measured={perStep === null ? null : `measured ${formatSeconds(perStep)}`}
        />
      </dl>
      {memory.problems.length > 0 && !isOpen && (
        <p className="field-error" role="alert">
          {memory.problems[0]?.message}
        </p>
      )}
      {isOpen && (
        <div className="accounting-details">
          <div>
            <ParameterDetails {...accounting} />
            <MemoryDetails {...accounting} adapter={adapter} gpuBytes={gpuBytes} />
          </div>
          <div>
            <PaperDetails {...accounting} measured={measured} />
            <TimeDetails accounting={accounting} speed={speed} measured={perStep} />
          </div>
          <CostDetails {...accounting} />
          <FullSizeDetails />
        </div>
      )}
    </>
  );
}

/** The papers' full-size models, counted only when someone looks. */
function FullSizeDetails() {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The papers’ full-size models in the same accounting</summary>
      {isOpen && (
        <Loaded name="This table" fallback={null}>
          <FullSize />
        </Loaded>
      )}
    </details>
  );
}

/** What the experiment in the form costs, before it runs; measured figures beside it as it trains. */
export default function AccountingPanel({ source, value, set }: ViewProps<Folded>) {
  const frame = useRef<HTMLElement>(null);
  const version = useLiveVersion(frame);
  const accounting = useAccounting();
  const { isOpen } = value;
  const id = useId();
  return (
    <PanelFrame
      ref={frame}
      className="accounting"
      sub="of the settings"
      tools={
        <button
          type="button"
          className="btn quiet small accounting-unfold"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => set({ isOpen: !isOpen })}
        >
          <ChevronIcon />
          {isOpen ? 'Fewer figures' : 'All figures'}
        </button>
      }
    >
      <div id={id}>
        {accounting === null ? (
          <p className="note">
            These settings contradict each other: there is nothing to count yet.
          </p>
        ) : (
          <Figures accounting={accounting} source={source} version={version} isOpen={isOpen} />
        )}
      </div>
    </PanelFrame>
  );
}
