/** Work that ends when nobody waits for it any more. */
import { switchyardError } from '../session/errors.ts';
import type { Session } from '../session/session.ts';

/** @throws Cancelled behind the signal */
export function goOn(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw switchyardError('Cancelled', 'The queue was told to stop.');
}

/** Trains to a step, or until the signal. */
export async function trainTo(
  session: Session,
  step: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted) return;
  const pause = () => void session.pause();
  signal?.addEventListener('abort', pause);
  try {
    await session.runTo(step);
  } finally {
    signal?.removeEventListener('abort', pause);
  }
}
