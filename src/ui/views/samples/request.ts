/** What a person typed, as a request; and what is wrong with it. */
import type { GenerateRequest } from '../../../worker/api.ts';

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
/** Most probable tokens that are told. */
const CANDIDATES = 8;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

export function linesOf(text: string): string[] {
  return text.split('\n');
}

function unescaped(text: string): string {
  return text.replace(/\\([nt\\])/g, (_, code: string) => ESCAPES[code] ?? code);
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

export function requestOf(typed: Typed, seed: number): GenerateRequest {
  return {
    prompts: linesOf(typed.prompts),
    temperature: Number(typed.temperature),
    tokens: Number(typed.tokens),
    stops: linesOf(typed.stops)
      .filter((line) => line !== '')
      .map(unescaped),
    seed,
    candidates: CANDIDATES,
  };
}
