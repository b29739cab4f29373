import { act, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderPage } from './render.tsx';

/** What a screen reader says of its own accord when it changes. */
function spoken(): string[] {
  const regions = document.querySelectorAll('[aria-live="polite"], [role="status"], output');
  return [...regions]
    .filter((region) => region.getAttribute('aria-live') !== 'off')
    .map((region) => region.textContent ?? '');
}

it('says every phase at once, but does not read out step after step', async () => {
  const test = await renderPage();
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(1));
  await screen.findByText(/^Training, step/);
  const said = spoken();
  for (let i = 0; i < 5; i++) act(() => test.trainer.advance(1));
  await waitFor(() =>
    expect(document.querySelector('.history-scrubber')?.textContent).toMatch(/6 of 6/),
  );
  expect(spoken()).toEqual(said);
  await act(() => test.lab.commands.pause());
  await screen.findByText(/^Paused, step 6, loss \d/);
});
