import { expect, it } from 'vitest';
import {
  answersLike,
  answersUpTo,
  domainsOf,
  onlyOneOf,
  PROBE_ROWS,
  sameItems,
  trialsOf,
} from '../../../src/analysis/probes/table.ts';
import { madeProbes } from '../../support/reports.ts';

const row = (id: string) => PROBE_ROWS.find((one) => one.id === id)!;

it('has a row for every score of every task', () => {
  const { results } = madeProbes(5);
  const { cloze4, domainChoice, ...greedy } = results;
  const scores = [
    ...Object.values(greedy),
    ...[cloze4, domainChoice].flatMap(({ perToken, perCharacter }) => [perToken, perCharacter]),
  ];
  const of = PROBE_ROWS.map((one) => one.of(results));
  expect(of).toHaveLength(scores.length);
  for (const score of scores) expect(of).toContain(score);
  expect(PROBE_ROWS.filter(({ isMain }) => isMain).map(({ id }) => id)).toEqual(
    Object.keys(results),
  );
});

it('tells domains apart where a task does', () => {
  const probes = madeProbes(5);
  expect(domainsOf(probes)).toEqual(['prose']);
  expect(trialsOf(row('arithmetic'), probes, 'prose')).toBe(
    probes.results.arithmetic.byDomain.prose,
  );
  expect(trialsOf(row('induction'), probes, 'prose')).toBeNull();
  expect(trialsOf(row('lastWord'), probes, 'code')).toBeNull();
  expect(trialsOf(row('induction'), probes, null)).toBe(probes.results.induction);
});

it('counts what only one of two runs got right, of the same items alone', () => {
  const [two, three] = [madeProbes(5, 1, 2), madeProbes(9, 1, 3)];
  expect(onlyOneOf(row('cloze4'), two, three)).toEqual([0, 1]);
  expect(onlyOneOf(row('induction'), three, two)).toEqual([1, 0]);
  expect(sameItems(two, three)).toBe(true);
  expect(sameItems(two, madeProbes(5, 2))).toBe(false);
  expect(sameItems(two, { ...two, items: 5 })).toBe(false);
});

it('shows the last answers up to a step, and lines of the same items', () => {
  const all = [madeProbes(5), madeProbes(8, 2), madeProbes(9), madeProbes(9, 1, 3)];
  expect(answersUpTo(all, null)).toBe(all[3]);
  expect(answersUpTo(all, 8)).toBe(all[1]);
  expect(answersUpTo(all, 4)).toBeNull();
  expect(answersLike(all, all[0]!)).toEqual([all[0], all[3]]);
  expect(answersLike(all, all[1]!)).toEqual([all[1]]);
});
