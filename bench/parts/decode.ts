/** What a token costs whose text's keys and values are kept, beside one for which its window is computed. */
import type { EngineConfig } from '../../src/config/experiment.ts';
import type { DecodeFigures, DecodeReport } from '../report.ts';
import { DECODED_TOKENS, decodeConfig } from '../shapes.ts';
import type { Suite } from '../suite.ts';
import { measureInTurn } from './rounds.ts';

async function measureTexts(
  suite: Suite,
  config: EngineConfig,
  prompts: number,
): Promise<DecodeFigures> {
  const session = await suite.runner.start('ours');
  try {
    const enter = async (how: 'cached' | 'first' | 'window') => {
      const spec = { kind: 'decode', config, prompts, how } as const;
      const { id, values } = await session.prepare(spec, 1);
      return { session, id, text: values[0] };
    };
    const [cached, first, window] = [
      await enter('cached'),
      await enter('first'),
      await enter('window'),
    ];
    if (cached.text !== window.text)
      throw new Error('decode: texts by what is kept and by whole windows differ');
    const rounds = { rounds: suite.rounds, mostRuns: 8 };
    const times = await measureInTurn([cached, first, window], rounds);
    const msOf = (one: typeof cached) => times.get(one)?.ms ?? Number.NaN;
    const stepMs = (msOf(cached) - msOf(first)) / (DECODED_TOKENS - 1);
    const windowMs = msOf(window) / DECODED_TOKENS;
    const tokenMs = stepMs / prompts;
    const withPrompts = msOf(cached) / DECODED_TOKENS / prompts;
    return {
      prompts,
      windowMs,
      tokenMs,
      promptMs: msOf(first),
      tokensPerSec: 1000 / tokenMs,
      speedup: windowMs / tokenMs,
      speedupWithPrompt: windowMs / withPrompts,
    };
  } finally {
    await session.close();
  }
}

export async function measureDecoding(suite: Suite): Promise<DecodeReport> {
  const M = await measureTexts(suite, decodeConfig('M'), 1);
  const usual = await measureTexts(suite, decodeConfig('default'), 4);
  for (const [name, { speedup, tokensPerSec }] of Object.entries({ M, default: usual }))
    suite.log(
      `${name}: ${tokensPerSec.toFixed(0)} tokens/s, ${speedup.toFixed(1)} times the windows'`,
    );
  const speedup = Math.min(M.speedup, usual.speedup);
  return { tokensPerSec: M.tokensPerSec, speedup, M, default: usual };
}
