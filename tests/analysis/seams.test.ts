import { expect, it } from 'vitest';
import { describePart, holdsCurvesAlone, ownStart, partsOf } from '../../src/analysis/seams.ts';

const SEAMS = [
  { step: 40, by: 'pytorch' },
  { step: 140, by: 'here' },
] as const;
const told = (...of: Parameters<typeof partsOf>) => partsOf(...of).map(describePart);

it('cuts a run at its seams, as far as it has come', () => {
  const [first, second] = ['steps 1 to 40 in Switchyard', 'steps 41 to 140 in PyTorch'];
  expect(told(SEAMS, 140)).toEqual([first, second]);
  expect(told(SEAMS, 141)).toEqual([first, second, 'step 141 in Switchyard']);
  expect(told(SEAMS, 1140).at(-1)).toBe('steps 141 to 1,140 in Switchyard');
  expect(told(SEAMS, 60)).toEqual([first, 'steps 41 to 60 in PyTorch']);
});

it('has no part before a seam at the start, and none of a run without seams', () => {
  expect(told([{ step: 0, by: 'pytorch' }], 3)).toEqual(['steps 1 to 3 in PyTorch']);
  expect(told([], 3)).toEqual([]);
  expect(told(SEAMS, 0)).toEqual([]);
});

it('tells from which step on a run trained by itself', () => {
  expect(ownStart({ parent: null })).toBe(0);
  expect(ownStart({ parent: { step: 40 } })).toBe(40);
  expect(ownStart({ parent: { step: 40 }, seams: SEAMS })).toBe(140);
});

it('tells what holds curves alone, which training would overwrite', () => {
  const [known, row] = [{}, { origin: 'trained', experiment: {}, adapter: null, text: null }];
  const own = { ...row, adapter: known, text: known, checkpoints: [] };
  expect(holdsCurvesAlone(own)).toBe(false);
  expect(holdsCurvesAlone({ ...own, origin: 'link', text: null })).toBe(true);
  expect(holdsCurvesAlone({ ...own, experiment: null })).toBe(true);
  expect(holdsCurvesAlone({ ...row, checkpoints: [] })).toBe(true);
  expect(holdsCurvesAlone({ ...row, checkpoints: [known] })).toBe(false);
});
