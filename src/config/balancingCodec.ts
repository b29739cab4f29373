/** The balancing lab's structured values as text in links (codec.ts). Text that cannot be read is handed on. */
import type { BalanceConfig } from './auxTerms.ts';
import type { BiasRule, Pool } from './experiment.ts';
import { decodeNumber, encodeNumber } from './numberCodec.ts';

/** `hold`, `sign_0.001`, `centred_0.001`, `quantile_0.9`, `budget_0.001_1.5`. */
export function encodeBiasRule(rule: BiasRule): string {
  switch (rule.kind) {
    case 'none':
      return 'hold';
    case 'sign':
      return `${rule.centre ? 'centred' : 'sign'}_${encodeNumber(rule.rate)}`;
    case 'quantile':
      return `quantile_${encodeNumber(rule.smoothing)}`;
    case 'budget':
      return `budget_${encodeNumber(rule.rate)}_${encodeNumber(rule.computing)}`;
  }
}

export function decodeBiasRule(text: string): unknown {
  if (text === 'hold') return { kind: 'none' };
  const [kind, first, second, ...rest] = text.split('_', 4);
  if (first === undefined || rest.length > 0 || (second !== undefined) !== (kind === 'budget'))
    return text;
  const number = decodeNumber(first);
  if (kind === 'sign' || kind === 'centred')
    return { kind: 'sign', rate: number, centre: kind === 'centred' };
  if (kind === 'quantile') return { kind, smoothing: number };
  if (kind !== 'budget' || second === undefined) return text;
  return { kind, rate: number, computing: decodeNumber(second) };
}

/** `4`, `2-5`, and `4_6` where evaluation has pools of 6. */
export function encodePool(pool: Pool): string {
  const size = 'size' in pool ? String(pool.size) : `${pool.min}-${pool.max}`;
  return pool.evaluation === null ? size : `${size}_${pool.evaluation}`;
}

export function decodePool(text: string): unknown {
  const found = /^(\d+)(?:-(\d+))?(?:_(\d+))?$/.exec(text);
  if (!found) return text;
  const [, first, max, given] = found;
  const evaluation = given === undefined ? null : Number(given);
  return max === undefined
    ? { size: Number(first), evaluation }
    : { min: Number(first), max: Number(max), evaluation };
}

/** `0.01_batch`, `0.01_global_8`, and `_unbiased` behind where the logits alone are counted. */
export function encodeBalance(balance: BalanceConfig): string {
  const parts = [encodeNumber(balance.coefficient), balance.scope];
  if (balance.scope === 'global') parts.push(String(balance.window));
  if (balance.counts === 'unbiased') parts.push('unbiased');
  return parts.join('_');
}

export function decodeBalance(text: string): unknown {
  const [coefficient = '', scope, ...rest] = text.split('_', 5);
  const counts = rest.at(-1) === 'unbiased' ? rest.pop() : undefined;
  const window = rest.pop();
  if (scope === undefined || rest.length > 0) return text;
  return {
    coefficient: decodeNumber(coefficient),
    scope,
    ...(window !== undefined && { window: decodeNumber(window) }),
    ...(counts !== undefined && { counts }),
  };
}
