import { cleanup, configure, render } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { App } from '../../src/ui/App.tsx';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { VIEW_FIELDS, viewById } from '../../src/ui/views/registry.ts';
import { roomById } from '../../src/ui/views/rooms.ts';
import { type TestLab, testLab } from '../state/support.ts';

// What the page loads when it is needed, loaded before any test's time begins.
import '../../src/ui/kit/MenuOpened.tsx';
import '../../src/ui/kit/PopOpened.tsx';
import '../../src/ui/views/ab/Panel.tsx';
import '../../src/ui/views/accounting/Panel.tsx';
import '../../src/ui/views/coactivation/Panel.tsx';
import '../../src/ui/views/compare/Panel.tsx';
import '../../src/ui/views/domains/Panel.tsx';
import '../../src/ui/views/experts/Panel.tsx';
import '../../src/ui/views/flow/Panel.tsx';
import '../../src/ui/views/history/Panel.tsx';
import '../../src/ui/views/kinds/Panel.tsx';
import '../../src/ui/views/library/Panel.tsx';
import '../../src/ui/views/load/Panel.tsx';
import '../../src/ui/views/loss/Panel.tsx';
import '../../src/ui/views/placement/Panel.tsx';
import '../../src/ui/views/profiler/Panel.tsx';
import '../../src/ui/views/rack/Panel.tsx';
import '../../src/ui/views/routing/Panel.tsx';
import '../../src/ui/views/samples/Panel.tsx';
import '../../src/ui/views/solver/Panel.tsx';
import '../../src/ui/views/subject/Panel.tsx';
import '../../src/ui/views/table/Panel.tsx';
import '../../src/ui/views/workload/Panel.tsx';
import '../../src/ui/shell/Sheets.tsx';

// The first import of the charts takes seconds on a busy machine.
configure({ asyncUtilTimeout: 15_000 });
vi.setConfig({ testTimeout: 30_000 });

afterEach(cleanup);

/** The page over the fake trainer, with all panels of its room loaded. */
export async function renderPage(options: Parameters<typeof testLab>[0] = {}): Promise<TestLab> {
  const test = await testLab({ viewFields: VIEW_FIELDS, ...options });
  const page = render(
    <LabProvider lab={test.lab}>
      <App />
    </LabProvider>,
  );
  // By label: an open dialog hides the rest of the page from roles.
  for (const id of roomById(options.room ?? '').columns.flat())
    await page.findByLabelText(viewById(id).title);
  return test;
}
