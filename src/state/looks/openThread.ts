/** The page's end of the figures' thread. Loaded on first use. */
import { type Remote, transfer, wrap } from 'comlink';
import type { FiguresThread } from './thread.ts';

/**
 * In a worker; where there are none, on the page's thread.
 * @param onFailure hears that it answers no more
 */
export async function openFiguresThread(onFailure: () => void): Promise<FiguresThread> {
  if (typeof Worker === 'undefined') return (await import('./thread.ts')).createFiguresThread();
  // Vite finds the worker by this very form.
  const worker = new Worker(new URL('./figures.worker.ts', import.meta.url), {
    type: 'module',
    name: 'figures',
  });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      worker.terminate();
      onFailure();
      // A script that cannot be loaded has no message.
      reject(new Error(message || 'The code that computes figures could not be loaded.'));
    });
  });
  failed.catch(() => undefined);
  const remote: Remote<FiguresThread> = wrap<FiguresThread>(worker);
  const orFailed = <T>(answer: Promise<T>): Promise<T> => Promise.race([answer, failed]);
  return {
    hold(name, held) {
      const { inspection } = held;
      const buffers = [
        inspection.ce,
        ...inspection.layers.flatMap(
          ({ logits, probs, ranking = probs, selected, gates, dropped, norms }) => [
            ...[logits, probs, ranking],
            ...[selected, gates, dropped, norms],
          ],
        ),
      ].map(({ buffer }) => buffer as ArrayBuffer);
      return orFailed(remote.hold(name, transfer(held, [...new Set(buffers)])));
    },
    drop: (name) => orFailed(remote.drop(name)),
    compute: (...ask) => orFailed(remote.compute(...ask)),
    passes: (...ask) => orFailed(remote.passes(...ask)),
    finish: (...ask) => orFailed(remote.finish(...ask)),
  };
}
