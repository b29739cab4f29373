/** From what was typed to texts that grow; loaded with the first. */
import type { GeneratedToken, GenerateRequest } from '../../../worker/api.ts';
import { type Generate, linesOf, type Typed, type Writing } from './request.ts';

/** Most probable tokens that are told. */
const CANDIDATES = 8;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\([nt\\])/g, (_, code: string) => ESCAPES[code] ?? code);
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

/** Writes texts, and shows them as they grow. */
export async function writeTexts(
  typed: Typed,
  generate: Generate,
  show: (writing: Writing) => void,
): Promise<void> {
  const request = requestOf(typed, Math.floor(Math.random() * 2 ** 32));
  const { prompts } = request;
  const tokens: GeneratedToken[][] = prompts.map(() => []);
  const began = performance.now();
  let count = 0;
  const now = { prompts, tokens, isOn: true, tokensPerSec: 0, generation: null };
  show(now);
  const generation = await generate(request, (some) => {
    // After a lost device they come again.
    for (const token of some) (tokens[token.prompt] ?? [])[token.index] = token;
    count += some.length;
    show({ ...now, tokensPerSec: (1000 * count) / (performance.now() - began) });
  });
  const tokensPerSec = generation?.tokensPerSec ?? Number.NaN;
  show({ ...now, isOn: false, tokensPerSec, generation });
}
