/** A conversion over the fake trainer, for tests of its views. */
import { act, waitFor } from '@testing-library/react';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { createConversions } from '../../src/state/conversion/conversions.ts';
import type { ConversionState, LadimoSettings } from '../../src/worker/api.ts';
import { renderView } from './renderView.tsx';

export const DENSE = applyChange(DEFAULTS_V1, {
  'model.arrangement': 'dense',
  'model.L': 3,
  'model.denseHidden': 64,
});

/** One view, with a dense run that is open and took some steps. */
export async function withTeacher(id: string, options: Parameters<typeof renderView>[1] = {}) {
  const test = await renderView(id, { experiment: DENSE, ...options });
  await act(() => test.lab.commands.start());
  await act(async () => test.trainer.advance(20));
  const store = test.lab.conversions(createConversions);
  return {
    ...test,
    store,
    state(): ConversionState {
      const { state } = store.getState();
      if (state === null) throw new Error('no conversion is shown');
      return state;
    },
  };
}

/** The same with a conversion of it that has begun. */
export async function begunView(id: string, settings: Partial<LadimoSettings> = {}) {
  const test = await withTeacher(id);
  test.store.getState().choose('live');
  await act(() => test.store.getState().begin({ N: 4, steps: 40, ...settings }));
  return test;
}

/** The same with all layers converted and measured. */
export async function convertedView(id: string, settings: Partial<LadimoSettings> = {}) {
  const test = await begunView(id, settings);
  await act(async () => test.trainer.finish());
  await waitFor(() => {
    if (test.state().students.length === 0) throw new Error('nothing was measured');
  });
  return test;
}
