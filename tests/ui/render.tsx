import { render } from '@testing-library/react';
import { App } from '../../src/ui/App.tsx';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { VIEW_FIELDS, viewById } from '../../src/ui/views/registry.ts';
import { roomById } from '../../src/ui/views/rooms.ts';
import { type TestLab, testLab } from '../state/support.ts';

// What the page loads when it is needed, loaded before any test's time begins.
import '../../src/ui/kit/MenuOpened.tsx';
import '../../src/ui/kit/PopOpened.tsx';
import '../../src/ui/views/samples/WrittenTexts.tsx';
import '../../src/ui/views/samples/writeTexts.ts';
import '../../src/ui/shell/Sheets.tsx';

import.meta.glob('../../src/ui/views/*/Panel.tsx', { eager: true });

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
