/** What a person typed, what is wrong with it, and what is written then. */
import type {
  GeneratedToken,
  GenerateRequest,
  Generation,
  TokenListener,
} from '../../../worker/api.ts';

export interface Typed {
  /** A prompt a line. */
  prompts: string;
  temperature: string;
  tokens: string;
  /** A stop text a line; \n, \t and \\ are what they are in most languages. */
  stops: string;
}

/** Texts that are written side by side at most. */
export const MOST_PROMPTS = 16;

export function linesOf(text: string): string[] {
  return text.split('\n');
}

/** What is wrong, in words; null where nothing is. */
export function problemOf({ prompts, temperature, tokens }: Typed): string | null {
  const t = Number(temperature);
  const n = Number(tokens);
  if (temperature.trim() === '' || !(t >= 0 && t <= 100))
    return `Temperature ${temperature || '(empty)'}: a number from 0 to 100`;
  if (!(Number.isInteger(n) && n >= 1 && n <= 4096))
    return `Tokens ${tokens || '(empty)'}: a whole number from 1 to 4096`;
  const count = linesOf(prompts).length;
  if (count > MOST_PROMPTS) return `${count} prompts: 1 to ${MOST_PROMPTS}, one a line`;
  return null;
}

/** Texts that are being written, or were written last. */
export interface Writing {
  prompts: readonly string[];
  /** Tokens of every text; the lists grow. */
  tokens: readonly GeneratedToken[][];
  /** Whether it goes on. */
  isOn: boolean;
  /** So far, by the page's clock. */
  tokensPerSec: number;
  /** Null until they are all written, and where that failed. */
  generation: Generation | null;
}

export type Generate = (
  request: GenerateRequest,
  onTokens: TokenListener,
) => Promise<Generation | null>;
