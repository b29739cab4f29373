import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { createBesideStore } from '../../src/state/beside.ts';
import { createConfigStore } from '../../src/state/configStore.ts';
import { createRunStore } from '../../src/state/runStore.ts';
import { createFakeTrainer } from '../ui/fakeTrainer.ts';

it('shows nothing of a side that was given up while it opened', async () => {
  const trainer = createFakeTrainer();
  const giveUp: (() => void)[] = [];
  const openBeside: typeof trainer.openBeside = (...given) => {
    if (giveUp.length > 0) return trainer.openBeside(...given);
    // The worker notices that it was given up once it has read the text.
    return new Promise((_, reject) => {
      giveUp.push(() => reject(Object.assign(new Error('given up'), { name: 'Cancelled' })));
    });
  };
  const stores = { config: createConfigStore(DEFAULTS_V1), run: createRunStore() };
  const store = createBesideStore({ ...trainer, openBeside }, stores);
  const first = store.getState().open('first', DEFAULTS_V1);
  await store.getState().close();
  expect(await store.getState().open('second', DEFAULTS_V1)).toBe(true);
  giveUp[0]!();
  expect(await first).toBe(false);
  const { name, phase, failure, report } = store.getState();
  expect([name, phase, failure]).toEqual(['second', 'ready', null]);
  expect(report).not.toBeNull();
});
