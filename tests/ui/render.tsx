import { cleanup, configure, render } from '@testing-library/react';
import { afterEach, vi } from 'vitest';
import { App } from '../../src/ui/App.tsx';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { type TestLab, testLab } from '../state/support.ts';

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
