/** The page's end of the thread that hands models over. Loaded on first use. */
import { wrap } from 'comlink';
import type { HandoverThread } from './thread.ts';

/** One hand-over in a thread that ends with it. */
export const zipInWorker: HandoverThread['zip'] = async (...asked) => {
  // Vite finds the worker by this very form.
  const worker = new Worker(new URL('./handover.worker.ts', import.meta.url), {
    type: 'module',
    name: 'handover',
  });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
  });
  try {
    return await Promise.race([wrap<HandoverThread>(worker).zip(...asked), failed]);
  } finally {
    worker.terminate();
  }
};
