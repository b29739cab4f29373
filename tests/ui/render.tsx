import { cleanup, configure, render } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { App } from '../../src/ui/App.tsx';
import { LabProvider } from '../../src/ui/useLab.tsx';
import { type TestLab, testLab } from '../state/support.ts';

// What the page loads when it is needed, loaded before any test's time begins.
import '../../src/ui/accounting/AccountingPanel.tsx';
import '../../src/ui/charts/ChartsPanel.tsx';
import '../../src/ui/panels/DomainPanel.tsx';
import '../../src/ui/panels/HeatMapPanel.tsx';
import '../../src/ui/panels/HistoryPanel.tsx';
import '../../src/ui/panels/LoadTablePanel.tsx';
import '../../src/ui/panels/SamplePanel.tsx';
import '../../src/ui/placement/PlacementPanel.tsx';
import '../../src/ui/profiler/ProfilerPanel.tsx';
import '../../src/ui/rack/RackPanel.tsx';
import '../../src/ui/shell/MenuOpened.tsx';
import '../../src/ui/shell/PopOpened.tsx';
import '../../src/ui/shell/Sheets.tsx';
import '../../src/ui/solver/SolverPanel.tsx';

// The first import of the charts takes seconds on a busy machine.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 30_000 });

afterEach(cleanup);

/** The page over the fake trainer, with all of its lazy panels loaded. */
export async function renderPage(...args: Parameters<typeof testLab>): Promise<TestLab> {
  const test = await testLab(...args);
  const page = render(
    <LabProvider lab={test.lab}>
      <App />
    </LabProvider>,
  );
  await page.findByLabelText('Sampled text');
  await page.findByLabelText('Training charts');
  // By label: an open dialog hides the rest of the page from roles.
  return test;
}
