/** Numbers as the page writes them. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fourDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** 12,345 */
export function formatCount(value: number): string {
  return Number.isFinite(value) ? whole.format(value) : '–';
}

/** 3.48M */
export function formatCompact(value: number): string {
  return Number.isFinite(value) ? compact.format(value) : '–';
}

/** A value in fixed decimals; one too small for them in digits of its own: only 0 reads as 0. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(decimals);
  const isLost = value !== 0 && Number(text) === 0;
  return (isLost ? formatNumber(Number(value.toPrecision(2))) : text).replace(/^-/, '−');
}

/** Loss: four significant digits at its usual size, three of a small one. */
export function formatLoss(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && size < 0.1) return formatShort(value);
  return size < 1e6 ? value.toFixed(size >= 100 ? 1 : 3) : formatNumber(value);
}

/** Step numbers on an axis: 1,500 and, when they are long, 150K. */
export function formatStep(step: number): string {
  return step < 1e5 ? formatCount(step) : formatCompact(step);
}

const WIDEST = 7;

/**
 * Values of an axis, told apart by as few digits as it takes: 0.0025, 12.5K, 2.5e-5. In full where
 * that is short.
 */
export function formatTicks(values: readonly number[]): string[] {
  const full = values.map((value) => exact.format(value));
  if (full.every((text) => text.length <= WIDEST)) return full;
  const largest = Math.max(...values.map(Math.abs));
  for (let digits = 3; digits <= 12; digits++) {
    const labels = values.map((value) => tickLabel(value, largest, digits));
    if (new Set(labels).size === values.length) return labels;
  }
  return full;
}

const exact = new Intl.NumberFormat('en', { maximumSignificantDigits: 12 });

function tickLabel(value: number, largest: number, digits: number): string {
  if (value === 0) return '0';
  if (largest >= 1e15 || largest < 1e-2)
    return value
      .toExponential(digits - 1)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  const notation = largest >= 1e4 ? 'compact' : 'standard';
  return new Intl.NumberFormat('en', { notation, maximumSignificantDigits: digits }).format(value);
}

/** Any number in about four digits: 0.003, 1.5e-6, 1,200. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return value
      .toExponential(2)
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e');
  }
  return fourDigits.format(value);
}

export function formatPercent(value: number): string {
  return Number.isFinite(value) ? `${formatFixed(100 * value, 1)}%` : '–';
}

/** 12%; "<1%" where there is something, but less than rounds to 1. */
export function formatWholePercent(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return value > 0 && value < 0.005 ? '<1%' : `${Math.round(100 * value)}%`;
}

/** 1.25× */
export function formatRatio(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '∞';
  if (!Number.isFinite(value)) return '–';
  return `${formatFixed(value, value >= 100 ? 0 : 2)}×`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 512 B · 1.25 KiB · 187 MiB: three digits in powers of 1,024, as adapters state their limits. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–';
  let [rest, i] = [Math.max(bytes, 0), 0];
  while (rest >= 999.5 && i < BYTE_UNITS.length - 1) {
    rest /= 1024;
    i += 1;
  }
  const decimals = i === 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
  return `${rest.toFixed(decimals)} ${BYTE_UNITS[i]}`;
}

/** 45 s · 3 min 05 s · 2 h 10 min */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const s = Math.round(seconds);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${pad(s % 60)} s`;
  return `${Math.floor(s / 3600)} h ${pad(Math.floor((s % 3600) / 60))} min`;
}

/** A number in three digits, for readouts with little room. */
export function formatShort(value: number): string {
  return Number.isFinite(value) ? formatNumber(Number(value.toPrecision(3))) : '–';
}

const SI = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const;

/** 4.1 MFLOP: three digits with a decimal prefix. */
export function formatSi(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–';
  let [rest, i] = [value, 0];
  while (Math.abs(rest) >= 999.5 && i < SI.length - 1) {
    rest /= 1000;
    i += 1;
  }
  return `${Number(rest.toPrecision(3))} ${SI[i]}${unit}`;
}

/** 850 µs · 12.3 ms · 1.4 s · 3 min 05 s */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds >= 60) return formatDuration(seconds);
  const [value, unit] =
    seconds >= 1 ? [seconds, 's'] : seconds >= 1e-3 ? [seconds * 1e3, 'ms'] : [seconds * 1e6, 'µs'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });

/** 26 Nov, 17:02 · 26 Nov 2025, of another year than `now`. */
export function formatDate(ms: number, now = Date.now()): string {
  if (!Number.isFinite(ms)) return '–';
  const [date, today] = [new Date(ms), new Date(now)];
  const parts = Object.fromEntries(day.formatToParts(date).map(({ type, value }) => [type, value]));
  const text = `${parts.day} ${parts.month}`;
  const isThisYear = date.getFullYear() === today.getFullYear();
  return isThisYear ? `${text}, ${time.format(date)}` : `${text} ${date.getFullYear()}`;
}

const AGES = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
] as const;

/** "3 days ago"; "just now" for less than a minute. */
export function formatAgo(ms: number, now = Date.now()): string {
  const seconds = (now - ms) / 1000;
  const [length, unit] = AGES.find(([length]) => seconds >= length) ?? [0, ''];
  if (length === 0) return 'just now';
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
}
