import { useEffect, useRef, useState } from 'react';
import type { Generate, Typed, Writing } from './request.ts';

/** Writes texts and shows them as they grow, until nobody looks any more. */
export function useWriting(generate: Generate) {
  const [writing, setWriting] = useState<Writing | null>(null);
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);

  async function write(typed: Typed): Promise<void> {
    const { writeTexts } = await import('./writeTexts.ts');
    await writeTexts(typed, generate, (now) => {
      if (isShown.current) setWriting(now);
    });
  }

  return { writing, write };
}
