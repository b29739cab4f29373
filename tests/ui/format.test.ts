import { expect, it } from 'vitest';
import { settingAt } from '../../src/config/schema.ts';
import * as format from '../../src/ui/kit/format.ts';
import { describeValue } from '../../src/ui/kit/values.ts';

const NUMBERS = {
  formatLoss: format.formatLoss,
  formatPercent: format.formatPercent,
  formatWholePercent: format.formatWholePercent,
  formatRatio: format.formatRatio,
  formatNumber: format.formatNumber,
  formatShort: format.formatShort,
  formatSeconds: format.formatSeconds,
  fixed: (value: number) => format.formatFixed(value, 2),
};

it.each(Object.entries(NUMBERS))('%s reads as zero for zero alone', (_, write) => {
  for (let value = 1; value > 1e-12; value /= 3)
    expect(write(value), String(value)).toMatch(/[1-9]/);
  expect(write(0)).not.toMatch(/[1-9]/);
});

it('writes what is small in digits of its own, what is usual as ever', () => {
  expect(format.formatLoss(0.0001)).toBe('1e-4');
  expect(format.formatLoss(3.48159)).toBe('3.482');
  expect(format.formatPercent(0.0004)).toBe('0.04%');
  expect(format.formatPercent(-0.285)).toBe('−28.5%');
  expect(format.formatPercent(0.5)).toBe('50.0%');
  expect(format.formatRatio(0.0012)).toBe('0.0012×');
  expect(format.formatFixed(0, 3)).toBe('0.000');
  expect(format.formatFixed(Number.NaN, 3)).toBe('–');
});

it.each([
  [0, '0 B'],
  [16, '16 B'],
  [1000, '0.98 KiB'],
  [1024, '1.00 KiB'],
  [48 * 1024, '48.0 KiB'],
  [187e6, '178 MiB'],
  [2 ** 27, '128 MiB'],
  [2 ** 31, '2.00 GiB'],
  [1.5 * 2 ** 40, '1.50 TiB'],
])('writes %d bytes in powers of 1,024, as adapters state their limits', (bytes, text) => {
  expect(format.formatBytes(bytes)).toBe(text);
});

it('writes settings of several parts by their names', () => {
  const shown = (path: string, value: object) => describeValue(settingAt(path)!, value as never);
  expect(shown('router.biasRule', { kind: 'sign', rate: 0.001, centre: true })).toBe(
    'sign, rate 0.001, centre true',
  );
  expect(shown('router.pool', { min: 4, max: 16, evaluation: null })).toBe('min 4, max 16');
  expect(shown('experts.perLayer', { 1: [{ kind: 'zero' }] })).toBe('1 [{"kind":"zero"}]');
});
