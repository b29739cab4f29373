/** Two texts from one prompt, as they grow. */
import type { GeneratedToken, Generation } from '../../worker/api.ts';

export const SIDES = ['teacher', 'student'] as const;
export type SideName = (typeof SIDES)[number];

export interface BothTexts {
  prompt: string;
  /** Converted layers of the student that writes. */
  layers: readonly number[];
  isOn: boolean;
  tokens: Readonly<Record<SideName, readonly GeneratedToken[]>>;
  /** Null until both are written. */
  generations: Readonly<Record<SideName, Generation>> | null;
}

export function begunTexts(prompt: string, layers: readonly number[]): BothTexts {
  return { prompt, layers, isOn: true, tokens: { teacher: [], student: [] }, generations: null };
}

/** Takes in tokens of one side; after a lost device they come again. */
export function withTokens(
  texts: BothTexts,
  side: SideName,
  some: readonly GeneratedToken[],
): BothTexts {
  const own = [...texts.tokens[side]];
  for (const token of some) own[token.index] = token;
  return { ...texts, tokens: { ...texts.tokens, [side]: own } };
}

/** Place of the first token in which the two differ, as far as both are written; null for none. */
export function firstDifference({ tokens }: BothTexts): number | null {
  const [a, b] = [tokens.teacher, tokens.student];
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i]?.id !== b[i]?.id) return i;
  return null;
}

/** Until where they agree, in words. */
export function agreement(texts: BothTexts): string {
  const at = firstDifference(texts);
  const length = Math.min(texts.tokens.teacher.length, texts.tokens.student.length);
  if (length === 0) return '';
  if (at === null) return `The first ${length} tokens are the same.`;
  if (at === 0) return 'They differ from the first token on.';
  return `They agree on the first ${at} ${at === 1 ? 'token' : 'tokens'}.`;
}
