import { useEffect, useRef, useState } from 'react';
import type {
  GeneratedToken,
  GenerateRequest,
  Generation,
  TokenListener,
} from '../../../worker/api.ts';

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

type Generate = (request: GenerateRequest, onTokens: TokenListener) => Promise<Generation | null>;

/** Writes texts and shows them as they grow. */
export function useWriting(generate: Generate) {
  const [writing, setWriting] = useState<Writing | null>(null);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);

  async function write(request: GenerateRequest): Promise<void> {
    const { prompts } = request;
    const tokens: GeneratedToken[][] = prompts.map(() => []);
    const show = (more: Pick<Writing, 'isOn' | 'tokensPerSec' | 'generation'>) => {
      if (isShown.current) setWriting({ prompts, tokens, ...more });
    };
    const began = performance.now();
    let count = 0;
    show({ isOn: true, tokensPerSec: 0, generation: null });
    const generation = await generate(request, (some) => {
      // After a lost device they come again.
      for (const token of some) (tokens[token.prompt] ?? [])[token.index] = token;
      count += some.length;
      const seconds = (performance.now() - began) / 1000;
      show({ isOn: true, tokensPerSec: count / seconds, generation: null });
    });
    show({ isOn: false, tokensPerSec: generation?.tokensPerSec ?? Number.NaN, generation });
  }

  return { writing, write };
}
