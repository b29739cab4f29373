import { lazy, type ReactNode, useEffect, useRef } from 'react';
import { Form } from './form/Form.tsx';
import { keepFocus } from './kit/focus.ts';
import { Loaded } from './kit/Loaded.tsx';
import { useView } from './kit/useLab.tsx';
import { useMedia } from './kit/useMedia.ts';
import { usePrint } from './kit/usePrint.ts';
import { useThemeAttribute } from './kit/useTheme.ts';
import { Banners } from './shell/Banners.tsx';
import { Header } from './shell/Header.tsx';
import { Toasts } from './shell/Toast.tsx';
import { Transport } from './shell/Transport.tsx';
import { useDrop } from './shell/useDrop.ts';
import { useKeyboard } from './shell/useKeyboard.ts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/form.css';
import './styles/charts.css';
import './views/load/load.css';
import './styles/panels.css';
import './views/rack/rack.css';
import './views/solver/solver.css';
import './views/placement/placement.css';
import './views/accounting/accounting.css';
import './styles/forced.css';
import './styles/print.css';

const AccountingPanel = lazy(() => import('./views/accounting/Panel.tsx'));
const ChartsPanel = lazy(() => import('./views/loss/Panel.tsx'));
const HeatMapPanel = lazy(() => import('./views/load/Panel.tsx'));
const HistoryPanel = lazy(() => import('./views/history/Panel.tsx'));
const LoadTablePanel = lazy(() => import('./views/table/Panel.tsx'));
const RackPanel = lazy(() => import('./views/rack/Panel.tsx'));
const SolverPanel = lazy(() => import('./views/solver/Panel.tsx'));
const PlacementPanel = lazy(() => import('./views/placement/Panel.tsx'));
const ProfilerPanel = lazy(() => import('./views/profiler/Panel.tsx'));
const DomainPanel = lazy(() => import('./views/domains/Panel.tsx'));
const SamplePanel = lazy(() => import('./views/samples/Panel.tsx'));
const Sheets = lazy(() => import('./shell/Sheets.tsx'));

/** Holds a panel's place while its code loads, so that nothing moves. */
function Slot({ height, children }: { height: number; children: ReactNode }) {
  return (
    <Loaded
      name="This panel"
      fallback={<div className="panel" style={{ height }} aria-busy="true" />}
    >
      {children}
    </Loaded>
  );
}

/** All panels: in two columns where there is room, else in the order in which they are read. */
function Panels() {
  const isWide = useMedia('(min-width: 1200px)');
  const charts = (
    <Slot height={510}>
      <ChartsPanel />
    </Slot>
  );
  const table = (
    <Slot height={400}>
      <LoadTablePanel />
    </Slot>
  );
  const rack = (
    <Slot height={420}>
      <RackPanel />
    </Slot>
  );
  const solver = (
    <Slot height={300}>
      <SolverPanel />
    </Slot>
  );
  const placement = (
    <Slot height={360}>
      <PlacementPanel />
    </Slot>
  );
  const profiler = (
    <Slot height={150}>
      <ProfilerPanel />
    </Slot>
  );
  const loads = (
    <>
      <Slot height={190}>
        <HeatMapPanel />
      </Slot>
      <Slot height={190}>
        <HistoryPanel />
      </Slot>
    </>
  );
  const text = (
    <>
      <Slot height={280}>
        <DomainPanel />
      </Slot>
      <Slot height={240}>
        <SamplePanel />
      </Slot>
    </>
  );
  if (!isWide) {
    return (
      <div className="column">
        {charts}
        {rack}
        {loads}
        {table}
        {solver}
        {placement}
        {profiler}
        {text}
      </div>
    );
  }
  return (
    <div className="columns">
      <div className="column">
        {charts}
        {rack}
        {table}
        {placement}
        {profiler}
      </div>
      <div className="column">
        {loads}
        {text}
        {solver}
      </div>
    </div>
  );
}

/** The dialogs; their code comes with the first of them. */
function SheetsOnDemand() {
  const isOpen = useView((s) => s.sheet !== null);
  const wasOpen = useRef(false);
  wasOpen.current ||= isOpen;
  return (
    wasOpen.current && (
      <Loaded name="This dialog" fallback={null}>
        <Sheets />
      </Loaded>
    )
  );
}

/** The whole page; needs a `LabProvider` around it. */
export function App() {
  useKeyboard();
  useDrop();
  useThemeAttribute();
  usePrint();
  useEffect(keepFocus, []);
  const hasSide = useMedia('(min-width: 900px)');
  return (
    <div className="app">
      <div className="top">
        <Header />
        <Transport />
      </div>
      <div className="body">
        {hasSide && (
          <aside className="side" aria-label="Settings">
            <Form />
          </aside>
        )}
        <main className="main" tabIndex={-1}>
          <Banners />
          <Slot height={76}>
            <AccountingPanel />
          </Slot>
          <Panels />
        </main>
      </div>
      <SheetsOnDemand />
      <Toasts />
    </div>
  );
}
