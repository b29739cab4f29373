import { expect, it } from 'vitest';
import { idOrNone, ids, numbersIn } from '../../src/state/fields.ts';

it('ids keep what is one, in order and once, and are read as they are written', () => {
  const field = ids(['ce'], 3, 'both');
  expect(field.check(['a.b', 'a.b', 'c', '<b>', 7, '__proto__', 'd', 'e'])).toEqual([
    'a.b',
    'c',
    'd',
  ]);
  expect(field.check('a')).toBeUndefined();
  expect(field.read(field.write(['setting.router.K', 'last.ce']))).toEqual([
    'setting.router.K',
    'last.ce',
  ]);
  expect(field.read('')).toEqual([]);
  expect(field.write(['a', 'b'])).toMatch(/^[\w.,:~-]*$/);
});

it('an id may be none, and no other text', () => {
  const field = idOrNone('both');
  expect(field.read('router.K')).toBe('router.K');
  expect(field.read('')).toBe('');
  expect(field.read('a b')).toBeUndefined();
  expect(field.check(3)).toBeUndefined();
});

it('numbers rise, lie in their range, and are read as they are written', () => {
  const field = numbersIn({ min: 0, max: 1 }, 3, [0.5], 'both');
  expect(field.check([0.9, 0.5, 0.9])).toEqual([0.5, 0.9]);
  expect(field.read(field.write([0.25, 1e-7]))).toEqual([1e-7, 0.25]);
  for (const wrong of [[], [2], [0.1, 'x'], [0.1, 0.2, 0.3, 0.4], 0.5])
    expect(field.check(wrong), String(wrong)).toBeUndefined();
  for (const text of ['', '0.1,', '0.1,x']) expect(field.read(text), text).toBeUndefined();
});
