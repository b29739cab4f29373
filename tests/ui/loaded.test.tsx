import { render } from '@testing-library/react';
import { lazy } from 'react';
import { expect, it, vi } from 'vitest';
import { Loaded } from '../../src/ui/kit/Loaded.tsx';

it('shows what failed to load, and leaves the rest of the page alone', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const Missing = lazy(() => Promise.reject(new Error('Failed to fetch /assets/Panel.js')));
  const Present = lazy(async () => ({ default: () => <p>charts</p> }));
  const page = render(
    <>
      <Loaded name="This panel" fallback={<p>waiting</p>}>
        <Missing />
      </Loaded>
      <Loaded name="This panel" fallback={<p>waiting too</p>}>
        <Present />
      </Loaded>
    </>,
  );
  page.getByText('waiting');
  const alert = await page.findByRole('alert');
  expect(alert.textContent).toContain('Failed to fetch /assets/Panel.js');
  await page.findByText('charts');
  told.mockRestore();
});
