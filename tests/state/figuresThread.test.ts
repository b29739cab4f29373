/** The thread that computes figures, where its code cannot be loaded at first. */
import { expose } from 'comlink';
import { afterEach, expect, it, vi } from 'vitest';
import { createInstruments } from '../../src/state/looks/instruments.ts';
import { createFiguresThread } from '../../src/state/looks/thread.ts';
import { testLab } from './support.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const close of closers.splice(0)) close();
});

/** Workers of which the first ones fail, with a message or as one without a script; how many there were. */
function stubWorkers(failures: readonly (string | null)[]): { opened: number; ended: number } {
  const count = { opened: 0, ended: 0 };
  vi.stubGlobal(
    'Worker',
    class {
      readonly #port: MessagePort;
      readonly #failure = failures[count.opened];

      constructor() {
        count.opened += 1;
        const { port1, port2 } = new MessageChannel();
        this.#port = port2;
        closers.push(() => port1.close());
        if (this.#failure === undefined) expose(createFiguresThread(), port1);
      }

      addEventListener(name: string, listener: (event: unknown) => void): void {
        const failure = this.#failure;
        if (name !== 'error') this.#port.addEventListener(name, listener);
        else if (failure === null) setTimeout(() => listener(new Event('error')));
        else if (failure !== undefined) setTimeout(() => listener({ message: failure }));
      }

      removeEventListener(name: string, listener: (event: unknown) => void): void {
        this.#port.removeEventListener(name, listener);
      }

      postMessage(message: unknown, transferred: Transferable[]): void {
        this.#port.start();
        this.#port.postMessage(message, transferred);
      }

      terminate(): void {
        count.ended += 1;
        this.#port.close();
      }
    },
  );
  return count;
}

async function asking() {
  const { lab } = await testLab();
  const { ask, looks } = lab.instruments(createInstruments);
  closers.push(() => looks.close(), lab.close);
  await lab.commands.start();
  const [side] = lab.instruments(createInstruments).sides.getState().sides;
  if (side === undefined) throw new Error('no side');
  return () => ask(side, { validation: 1 }, { figure: 'kinds' });
}

it('says that its code could not be loaded, and loads it again when next asked', async () => {
  const workers = stubWorkers([null]);
  const ask = await asking();
  await expect(ask()).rejects.toThrow('The code that computes figures could not be loaded.');
  expect(workers).toEqual({ opened: 1, ended: 1 });
  expect((await ask()).result).toBeTruthy();
  await ask();
  expect(workers.opened).toBe(2);
});

it('says what it failed with where it failed later', async () => {
  const workers = stubWorkers(['out of memory']);
  const ask = await asking();
  await expect(ask()).rejects.toThrow('out of memory');
  expect((await ask()).result).toBeTruthy();
  expect(workers.opened).toBe(2);
});
