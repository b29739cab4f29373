import { describe, expect, it, vi } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { layerLoads } from '../../src/config/telemetry.ts';
import { UNDO_MS } from '../../src/runs/library.ts';
import { createLibraryStore } from '../../src/state/library.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';

const NOW = 1_800_000_000_000;
const runs = (n: number, steps = 100) =>
  Array.from({ length: n }, (_, i) => syntheticRun(i, steps, NOW));

async function opened(n = 3) {
  const library = fakeLibrary(runs(n));
  const said: string[] = [];
  const store = createLibraryStore(library, (message) => said.push(message));
  await store.getState().read();
  const called = (name: string) => library.calls.filter(([one]) => one === name);
  return { library, store, said, called };
}

describe('the page’s library', () => {
  it('lists what is stored, latest first, and how much that is', async () => {
    const { store } = await opened();
    const { rows, use, isRead } = store.getState();
    expect(isRead).toBe(true);
    expect(rows.map(({ id }) => id)).toEqual(['synthetic-0', 'synthetic-1', 'synthetic-2']);
    expect(use).toEqual({ used: 12_900_000, allowed: 2_000_000_000, isPersistent: null });
  });

  it('is empty and asks for nothing where there is none', async () => {
    const store = createLibraryStore(null, () => expect.unreachable());
    await store.getState().read();
    await store.getState().change('x', { name: 'y' });
    expect(store.getState()).toMatchObject({ isRead: true, rows: [], use: null });
  });

  it('reads curves when they are asked for, once', async () => {
    const { store, called } = await opened();
    await store.getState().wantCurves(['synthetic-0', 'synthetic-2']);
    await store.getState().wantCurves(['synthetic-0']);
    expect([...store.getState().curves.keys()]).toEqual(['synthetic-0', 'synthetic-2']);
    expect(called('curves')).toHaveLength(2);
  });

  it('shows a new name at once, stores it, and asks then to keep everything', async () => {
    const { store, library, called } = await opened();
    const changing = store.getState().change('synthetic-1', { name: 'the good one' });
    expect(store.getState().rows[1]?.name).toBe('the good one');
    await changing;
    expect((await library.row('synthetic-1'))?.name).toBe('the good one');
    expect(called('persist')).toHaveLength(1);
    await store.getState().change('synthetic-1', { name: 'the better one' });
    await store.getState().change('synthetic-1', { note: 'not deliberate' });
    expect(called('persist')).toHaveLength(1);
    expect(store.getState().use?.isPersistent).toBe(true);
  });

  it('asks too when a checkpoint is pinned, not when it is let go', async () => {
    const { store, called } = await opened();
    await store.getState().pin('synthetic-0', 50, false);
    expect(called('persist')).toHaveLength(0);
    await store.getState().pin('synthetic-0', 100, true);
    expect(called('persist')).toHaveLength(1);
    expect(store.getState().rows[0]?.checkpoints.map(({ isPinned }) => isPinned)).toEqual([
      false,
      true,
    ]);
  });

  it('deletes runs, brings them back, and forgets them with the next', async () => {
    const { store, called } = await opened(4);
    store.getState().select(['synthetic-0', 'synthetic-3']);
    await store.getState().wantCurves(['synthetic-0']);
    await store.getState().remove(['synthetic-0', 'synthetic-1']);
    expect(store.getState().rows.map(({ id }) => id)).toEqual(['synthetic-2', 'synthetic-3']);
    expect([...store.getState().selected]).toEqual(['synthetic-3']);
    expect(store.getState().curves.size).toBe(0);
    await store.getState().restore();
    expect(store.getState().rows).toHaveLength(4);
    expect(store.getState().deleted).toBeNull();
    await store.getState().remove(['synthetic-0']);
    await store.getState().remove(['synthetic-1']);
    expect(called('forget')).toEqual([['forget', ['synthetic-0']]]);
    await store.getState().forget();
    expect(called('forget').at(-1)).toEqual(['forget', ['synthetic-1']]);
    expect(store.getState().deleted).toBeNull();
  });

  it('tells of a run whose loads are not those of its experiment', async () => {
    const { row, parts } = syntheticRun(0, 4, NOW);
    const [layer] = layerSpaces(row.experiment!);
    const loads = layerLoads({ layer: layer!.layer, R: layer!.slots + 1, W: 1 }, 4, 0);
    const record = { firstStep: 1, n: 4, scalars: new Float32Array(400), layers: [loads] };
    const said: string[] = [];
    const library = fakeLibrary([{ row, parts: { ...parts, records: [record] } }]);
    const store = createLibraryStore(library, (message) => said.push(message));
    await store.getState().read();
    await store.getState().show(row.id);
    expect(store.getState().shown).toBeNull();
    expect(said).toEqual([expect.stringContaining('The run was not read: layer')]);
  });

  it('shows what was asked for last, whichever is read last', async () => {
    const { store, library } = await opened(3);
    const { parts } = library;
    const held: (() => void)[] = [];
    library.parts = async (id) => {
      const found = await parts(id);
      await new Promise<void>((resolve) => held.push(resolve));
      return found;
    };
    const { show, hide } = store.getState();
    const shown = () => store.getState().shown?.head.id ?? null;
    const both = [show('synthetic-0'), show('synthetic-1')];
    await vi.waitFor(() => expect(held).toHaveLength(2));
    held.toReversed().forEach((read) => {
      read();
    });
    await Promise.all(both);
    expect(shown()).toBe('synthetic-1');
    const late = show('synthetic-2');
    await vi.waitFor(() => expect(held).toHaveLength(3));
    hide();
    held[2]!();
    await late;
    expect(shown()).toBeNull();
  });

  it('can take back what was deleted where the next deletion is refused', async () => {
    const { store, library, called, said } = await opened(4);
    await store.getState().remove(['synthetic-0']);
    library.failNext('remove', '"x" is open');
    await store.getState().remove(['synthetic-1']);
    expect(said).toEqual(['Nothing was deleted: "x" is open']);
    expect(called('forget')).toEqual([]);
    expect(store.getState().deleted?.rows.map(({ id }) => id)).toEqual(['synthetic-0']);
    library.failNext('forget', 'wiped');
    await store.getState().remove(['synthetic-1']);
    expect(said.at(-1)).toBe('What was deleted still takes its room: wiped');
    expect(store.getState().deleted?.rows.map(({ id }) => id)).toEqual(['synthetic-1']);
  });

  it('keeps the way back where bringing runs back fails, and where they are gone does not', async () => {
    const { store, said } = await opened(4);
    await store.getState().remove(['synthetic-0']);
    const { deleted } = store.getState();
    const restore = vi.spyOn(deleted!, 'restore').mockRejectedValueOnce(new Error('full'));
    await store.getState().restore();
    expect(said).toEqual(['They did not come back: full']);
    expect(store.getState().deleted).toBe(deleted);
    restore.mockRejectedValueOnce(new RangeError('nothing is left of "a"'));
    await store.getState().restore();
    expect(store.getState().deleted).toBeNull();
  });

  it('offers the way back for as long as other tabs leave it', async () => {
    vi.useFakeTimers();
    try {
      const { store, called } = await opened(4);
      await store.getState().remove(['synthetic-0']);
      await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
      expect(store.getState().deleted).not.toBeNull();
      await vi.advanceTimersByTimeAsync(1);
      expect(store.getState().deleted).toBeNull();
      expect(called('forget')).toEqual([['forget', ['synthetic-0']]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('follows a run that goes on, with the curves that are shown', async () => {
    vi.useFakeTimers();
    try {
      const { store, library, called } = await opened(2);
      const stop = store.getState().follow('curves', ['synthetic-1']);
      await vi.advanceTimersByTimeAsync(1000);
      const longer = syntheticRun(1, 150, NOW);
      for (let i = 0; i < 5; i++) library.goOn(longer.row, longer.parts);
      await vi.advanceTimersByTimeAsync(3000);
      expect(store.getState().rows[1]?.steps).toBe(150);
      expect(store.getState().curves.get('synthetic-1')?.ce?.values).toHaveLength(150);
      // A validation of the last step takes none.
      const { row, parts } = longer;
      const validation = { firstStep: 150, steps: null, values: Float32Array.of(2) };
      const curves = { ...parts.curves, validation };
      library.goOn({ ...row, changedAt: row.changedAt + 1 }, { ...parts, curves });
      await vi.advanceTimersByTimeAsync(3000);
      expect(store.getState().curves.get('synthetic-1')?.validation).toEqual(validation);
      // Five changes at once are read together.
      expect(called('rows').length).toBeLessThanOrEqual(4);
      expect(called('curves')).toHaveLength(3);
      stop();
      const last = syntheticRun(1, 200, NOW);
      library.goOn({ ...last.row, changedAt: row.changedAt + 2 }, last.parts);
      await vi.advanceTimersByTimeAsync(3000);
      expect(called('curves')).toHaveLength(3);
      // Who asks for them later has them as they are then.
      expect(store.getState().curves.size).toBe(0);
      const wanted = store.getState().wantCurves(['synthetic-1']);
      await vi.advanceTimersByTimeAsync(1000);
      await wanted;
      expect(store.getState().curves.get('synthetic-1')?.ce?.values).toHaveLength(200);
    } finally {
      vi.useRealTimers();
    }
  });

  it('reads a run again as long as one of several follows it', async () => {
    vi.useFakeTimers();
    try {
      const { store, library, called } = await opened(2);
      const ids = ['synthetic-1'];
      const stops: (() => void)[] = [];
      for (let i = 0; i < 2; i++) {
        stops.push(store.getState().follow('curves', ids));
        await vi.advanceTimersByTimeAsync(1000);
      }
      for (const [i, stop] of stops.entries()) {
        stop();
        const { row, parts } = syntheticRun(1, 150, NOW);
        library.goOn({ ...row, changedAt: row.changedAt + 1 + i }, parts);
        await vi.advanceTimersByTimeAsync(3000);
      }
      expect(called('curves')).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('says what could not be done, and goes on', async () => {
    const { store, library, said } = await opened();
    library.failNext('change', 'the disk is full');
    await store.getState().change('synthetic-0', { note: 'x' });
    library.failNext('curves', 'it was wiped');
    await store.getState().wantCurves(['synthetic-0', 'synthetic-1']);
    expect(said).toEqual([
      'The change was not stored: the disk is full',
      'Curves were not read: it was wiped',
    ]);
    expect([...store.getState().curves.keys()]).toEqual(['synthetic-1']);
  });

  it('lights the same runs only once', async () => {
    const { store } = await opened();
    store.getState().light(['synthetic-0']);
    const { lit } = store.getState();
    store.getState().light(['synthetic-0']);
    expect(store.getState().lit).toBe(lit);
    store.getState().light([]);
    expect(store.getState().lit.size).toBe(0);
  });
});
