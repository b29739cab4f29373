import { useState } from 'react';
import type { Generate, Typed, Writing } from './request.ts';

/** Writes texts and shows them as they grow; in a room that is hidden too, so that their end is known there. */
export function useWriting(generate: Generate) {
  const [writing, setWriting] = useState<Writing | null>(null);

  async function write(typed: Typed): Promise<void> {
    const { writeTexts } = await import('./writeTexts.ts');
    await writeTexts(typed, generate, setWriting);
  }

  return { writing, write };
}
