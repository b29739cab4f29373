import { requestNodeDevice } from '../src/gpu/adapter.node.ts';
import { benchFeatures, ourLibrary } from './ours/library.ts';
import type { OpenSession, Runner } from './runner.ts';
import { createSession } from './session.ts';
import type { SubjectName } from './subject.ts';

/** Dawn in this process: every session has a device of its own, all share one thread. */
export async function nodeRunner(): Promise<Runner> {
  const { globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const closers = new Set<() => void>();
  const start = async (subject: SubjectName): Promise<OpenSession> => {
    if (subject !== 'ours') throw new Error(`${subject} runs in a browser only`);
    let close = (): void => undefined;
    const library = ourLibrary(async () => {
      const node = await requestNodeDevice({ features: benchFeatures });
      close = () => {
        closers.delete(close);
        node.close();
      };
      closers.add(close);
      return node;
    });
    return { ...createSession(library, performance.now()), close: async () => close() };
  };
  return {
    name: 'node',
    start,
    async close() {
      for (const close of closers) close();
    },
  };
}
