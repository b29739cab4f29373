import { describe, expect, it, vi } from 'vitest';
import { RECIPES, recipeNamed } from '../../src/recipes/recipes.ts';
import { recordedIndex } from '../../src/recipes/recordedIndex.ts';
import { verdictOf } from '../../src/recipes/verdict.ts';
import {
  createPapers,
  ownResult,
  ownResults,
  type PapersDeps,
} from '../../src/state/papers/papers.ts';
import { fakeResult } from '../support/fakeResults.ts';
import { createFakeQueue } from '../ui/fakeQueue.ts';

const RECIPE = recipeNamed('modse-1');
const RESULT = fakeResult(RECIPE);

function made(part: Partial<PapersDeps> = {}) {
  const queue = createFakeQueue();
  const say = vi.fn();
  const read = vi.fn(async (_name: string): Promise<string | null> => null);
  const papers = createPapers({ queue: async () => queue, read, say, ...part });
  return { queue, say, read, papers };
}

describe('recorded results', () => {
  it('are read once, when they are asked for', async () => {
    const read = vi.fn(async () => JSON.stringify(RESULT));
    const { papers } = made({ read });
    expect(read).not.toHaveBeenCalled();
    await papers.readRecorded('modse-1', 'quick');
    await papers.readRecorded('modse-1', 'quick');
    expect(read.mock.calls).toEqual([['modse-1']]);
    expect(papers.getState().recorded.get('modse-1')).toEqual({ state: 'read', result: RESULT });
    // Another budget has a file of its own, and is told from this one.
    await papers.readRecorded('modse-1', 'standard');
    expect(read.mock.calls[1]).toEqual(['modse-1-standard']);
    expect(papers.getState().recorded.get('modse-1-standard')).toEqual({
      state: 'failed',
      reason: 'recorded/modse-1-standard.json holds no standard result of modse-1',
    });
  });

  it('are checked, and held against the recipe as the page has it', async () => {
    const digest = 'f'.repeat(RESULT.digest.length);
    const older = {
      ...{ ...RESULT, digest },
      units: RESULT.units.map((unit) => ({ ...unit, digest })),
    };
    const read = vi.fn<PapersDeps['read']>().mockResolvedValueOnce(JSON.stringify(older));
    const { papers } = made({ read });
    const reason = async () => {
      await papers.readRecorded('modse-1', 'quick');
      const recorded = papers.getState().recorded.get('modse-1');
      return recorded?.state === 'failed' ? recorded.reason : recorded?.state;
    };
    expect(await reason()).toBe(
      'recorded/modse-1.json is of another version of this claim; load the page again',
    );
    const broken = { ...RESULT, units: [{ ...RESULT.units[0], seed: -1 }] };
    read.mockResolvedValueOnce(JSON.stringify(broken));
    expect(await reason()).toMatch(/units\.0\.seed/);
    read.mockResolvedValueOnce(JSON.stringify(RESULT));
    expect(await reason()).toBe('read');
  });

  it('may be none, or not to be read, and are asked for again then', async () => {
    const read = vi.fn<PapersDeps['read']>().mockRejectedValueOnce(new Error('HTTP status 500'));
    const { papers } = made({ read });
    const state = () => papers.getState().recorded.get('modse-1');
    await papers.readRecorded('modse-1', 'quick');
    expect(state()).toEqual({ state: 'failed', reason: 'HTTP status 500' });
    read.mockResolvedValueOnce('<!doctype html>');
    await papers.readRecorded('modse-1', 'quick');
    expect(state()?.state).toBe('failed');
    read.mockResolvedValueOnce(JSON.stringify({ ...RESULT, recipe: 'modse-2' }));
    await papers.readRecorded('modse-1', 'quick');
    expect(state()).toEqual({
      ...{ state: 'failed', reason: 'recorded/modse-1.json holds no quick result of modse-1' },
    });
    read.mockResolvedValueOnce(null);
    await papers.readRecorded('modse-1', 'quick');
    expect(state()).toEqual({ state: 'read', result: null });
  });

  it('stand in an index in short, in the order of the claims', () => {
    const results = ['moepp-1', 'modse-1', 'equalres-1a'].map((name) =>
      fakeResult(recipeNamed(name)),
    );
    const index = recordedIndex(RECIPES, [...results, { ...RESULT, recipe: 'unknown' }]);
    expect(Object.keys(index)).toEqual(['modse-1', 'moepp-1', 'equalres-1a']);
    const { words, primary } = verdictOf(RECIPE, RESULT);
    expect(index['modse-1']).toMatchObject({ words, seeds: [1, 2, 3], budget: 'quick' });
    expect(index['modse-1']?.budgets).toEqual(['quick']);
    const larger = fakeResult(RECIPE, { budget: 'standard', seeds: [1, 2] });
    expect(recordedIndex(RECIPES, [larger, RESULT])['modse-1']).toMatchObject({
      ...{ seeds: [1, 2], budget: 'standard', budgets: ['quick', 'standard'] },
    });
    const judged = primary?.judged;
    if (judged?.test !== 'difference') throw new Error('a difference was expected');
    const { d, interval95: interval } = judged;
    expect(index['modse-1']?.headline).toEqual({ kind: 'mean', d, interval, unit: 'nats' });
    expect(index['equalres-1a']).toMatchObject({ words: [], headline: null });
  });

  it('leave an empty index where none can be read', async () => {
    const reads = [
      async () => Promise.reject(new Error('offline')),
      async () => '<!doctype html>',
      async () => 'null',
    ];
    for (const read of reads) {
      const { papers } = made({
        read: vi.fn<PapersDeps['read']>(async () => '{}').mockImplementationOnce(read),
      });
      await papers.readIndex();
      expect(papers.getState().index).toEqual({});
      expect(papers.getState().unread).toMatch(/offline|JSON|no index/);
      await papers.readIndex();
      expect(papers.getState().unread).toBeNull();
    }
  });
});

describe('the queue', () => {
  it('is reached once, and heard from then on', async () => {
    const { papers, queue } = made();
    queue.own = [RESULT];
    await Promise.all([papers.connect(), papers.connect()]);
    expect(papers.getState().own).toEqual([RESULT]);
    queue.tell({ isPaused: true });
    expect(papers.getState().queue?.isPaused).toBe(true);
    const more = fakeResult(RECIPE, { seeds: [1, 2, 3, 4] });
    queue.emit({ type: 'recipe', result: more });
    // A later result of the same takes the place of the one before.
    expect(papers.getState().own).toEqual([more]);
    const other = fakeResult(RECIPE, { budget: 'standard' });
    queue.emit({ type: 'recipe', result: other });
    expect(papers.getState().own).toEqual([other, more]);
    // Of another adapter it stands beside it, as after a reload.
    const elsewhere = fakeResult(RECIPE, { adapter: 'another' });
    queue.emit({ type: 'recipe', result: elsewhere });
    expect(papers.getState().own).toEqual([elsewhere, other, more]);
    // The largest budget stands for a claim, and of each the most seeds, then the latest.
    expect(ownResult(papers.getState().own, 'modse-1')).toBe(other);
    expect(ownResults(papers.getState().own, 'modse-1')).toEqual([more, other]);
    expect(ownResult(papers.getState().own, 'modse-2')).toBeNull();
    const units = RESULT.units.map((unit) => {
      return { ...unit, times: { ...unit.times, begunAt: '2099-01-01T00:00:00Z' } };
    });
    const later = { ...RESULT, adapter: 'another', units };
    for (const own of [
      [RESULT, later],
      [later, RESULT],
    ])
      expect(ownResult(own, 'modse-1')).toBe(later);
  });

  it('says why it cannot be reached, and is reached for again', async () => {
    const queue = createFakeQueue();
    const reach = vi.fn(async () => queue).mockRejectedValueOnce(new Error('The worker stopped.'));
    const { papers } = made({ queue: reach });
    await papers.connect();
    expect(papers.getState().failure).toBe('The worker stopped.');
    await papers.connect();
    expect(papers.getState()).toMatchObject({ failure: null, queue: queue.now });
  });

  it('tells what was not done', async () => {
    const { papers, say } = made();
    const answer = await papers.ask('The queue was not paused', async () => {
      throw new Error('it is gone');
    });
    expect(answer).toBeNull();
    expect(say).toHaveBeenCalledWith('The queue was not paused: it is gone');
  });
});
