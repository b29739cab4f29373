import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../bench/syntheticRuns.ts';
import { filterOf, filterPart } from '../../../src/analysis/compare/filter.ts';
import { settingAt } from '../../../src/config/schema.ts';

const ROWS = Array.from({ length: 50 }, (_, i) => syntheticRun(i, 100, 1_800_000_000_000).row);
const found = (text: string) => ROWS.filter(filterOf(text).matches).map(({ name }) => name);

describe('a filter', () => {
  it('keeps everything while it is empty', () => {
    expect(found('  ')).toHaveLength(50);
  });

  it('finds words in names, notes, tags and settings that are not the defaults', () => {
    expect(found('shared seed')).toHaveLength(5);
    expect(found('WARM-UP')).toHaveLength(ROWS.filter(({ note }) => note !== '').length);
    expect(found('"seed 3"')).toHaveLength(10);
    expect(found('interleave')).toHaveLength(5);
  });

  it('compares settings by key or path, and what rows have', () => {
    expect(found('K=1')).toHaveLength(5);
    expect(found('router.K>=2 router.K<4')).toHaveLength(40);
    expect(found('lr>0.003')).toEqual(found('"high rate"'));
    expect(found('tag:paper')).toHaveLength(17);
    expect(found('tag!=paper')).toHaveLength(33);
    expect(found('status=failed name:top')).toEqual(['top-1, seed 1']);
    expect(found('steps>100')).toEqual([]);
    expect(found('sh=128')).toEqual(found('shared'));
  });

  it('takes a value that is off for none, which no order holds', () => {
    expect(found('router.capacity=none')).toHaveLength(45);
    expect(found('router.capacity>1')).toHaveLength(5);
    expect(found('router.capacity<1')).toEqual([]);
    expect(found('router.bias=off')).toHaveLength(50);
  });

  it('finds curves of other programs by name, not by settings', () => {
    const foreign = { ...ROWS[0]!, experiment: null };
    expect(filterOf('baseline').matches(foreign)).toBe(true);
    expect(filterOf('K=2').matches(foreign)).toBe(false);
    expect(filterOf('K!=2').matches(foreign)).toBe(true);
  });

  it('says what it does not understand, and holds the rest', () => {
    const { problems, matches } = filterOf('colour=red K< K<two baseline');
    expect(problems).toEqual([
      'colour is no setting',
      'K< has no value behind it',
      'K<two: two is no number',
    ]);
    expect(ROWS.filter(matches)).toHaveLength(5);
    expect(filterOf('constructor=1 __proto__:x').problems).toHaveLength(1);
  });

  it('is written for a setting as it is read', () => {
    const K = settingAt('router.K')!;
    expect(filterPart(K, '2')).toBe('K=2');
    expect(found(filterPart(K, '1'))).toHaveLength(5);
  });
});
