import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import {
  formatCount,
  formatFixed,
  formatLoss,
  formatNumber,
  formatPercent,
  formatRatio,
} from '../format.ts';

const FORMATS: Readonly<Record<FigureFormat, (value: number) => string>> = {
  count: formatCount,
  percent: formatPercent,
  ratio: formatRatio,
  decimal: (value) => formatFixed(value, 3),
  nats: formatLoss,
  bits: (value) => formatFixed(value, 3),
  units: formatNumber,
  index: (value) => (Number.isFinite(value) ? String(value) : '–'),
};

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 2 });

/** A hyphen is no minus. */
export function minus(text: string): string {
  return text.replaceAll('-', '−');
}

/** A value as a figure writes it; "–" where there is none. */
export function formatValue(value: number | null, format: FigureFormat): string {
  return value === null ? '–' : minus(FORMATS[format](value));
}

/** A value in a cell, where three digits are all there is room for: only 0 reads as 0. */
export function formatTight(value: number, format: FigureFormat): string {
  if (!Number.isFinite(value)) return '';
  const shown = format === 'percent' ? 100 * value : value;
  const size = Math.abs(shown);
  if (format === 'index') return String(shown);
  if (size >= 9999.5) return minus(COMPACT.format(shown));
  if (Number.isInteger(shown)) return minus(String(shown));
  if (size < 0.005) return minus(shown.toExponential(0));
  const text = shown.toFixed(size >= 9.95 ? 0 : size >= 0.995 ? 1 : 2);
  return minus(text.replace(/^(-?)0\./, '$1.'));
}
