import { expect, it } from 'vitest';
import { isLocal } from '../../src/state/fields.ts';
import { createViewStore, PAGE_FIELDS, VIEW_DEFAULTS } from '../../src/state/viewStore.ts';

function memory(initial: string | null = null) {
  let text = initial;
  return {
    getItem: () => text,
    setItem: (_: string, next: string) => {
      text = next;
    },
    text: () => text,
  };
}

it('keeps what lives in local storage, and only that', () => {
  const storage = memory();
  createViewStore(storage).getState().set({ theme: 'dark', smoothing: 0.3, layer: 2 });
  const stored = Object.keys(JSON.parse(storage.text() ?? ''));
  const local = Object.entries(PAGE_FIELDS).filter(([, field]) => isLocal(field));
  expect(stored.sort()).toEqual([...local.map(([key]) => key), 'views'].sort());
  const again = createViewStore(storage).getState();
  expect(again).toMatchObject({ theme: 'dark', smoothing: 0.3, layer: null });
});

it.each(['not json', '[]', 'null', '{"theme":"pink","smoothing":7,"logX":"yes","collapsed":4}'])(
  'ignores %s in the storage',
  (text) => {
    expect(createViewStore(memory(text)).getState()).toMatchObject(VIEW_DEFAULTS);
  },
);

it('works where storage throws', () => {
  const forbidden = {
    getItem: () => null,
    setItem: () => {
      throw new Error('quota');
    },
  };
  const store = createViewStore(forbidden);
  store.getState().set({ theme: 'light' });
  expect(store.getState().theme).toBe('light');
});
