import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { benchFeatures, ourLibrary } from './ours/library.ts';
import type { Runner } from './runner.ts';
import { createSession } from './session.ts';
import type { Library, SubjectName } from './subject.ts';

/** Dawn in this process: every session has a device of its own, all share one thread. */
export async function nodeRunner(): Promise<Runner> {
  const { globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const closers: (() => void)[] = [];
  const libraryOf = (subject: SubjectName): Library => {
    if (subject !== 'ours') throw new Error(`${subject} runs in a browser only`);
    return ourLibrary(async () => {
      const node = await requestNodeDevice(benchFeatures);
      closers.push(node.close);
      return node;
    });
  };
  const close = async () => {
    for (const closeDevice of closers.splice(0)) closeDevice();
  };
  return {
    name: 'node',
    start: async (subject) => ({ ...createSession(libraryOf(subject), performance.now()), close }),
    close,
  };
}
