/** Running what a link brought, to see whether the same comes of it here. */
import { sameValue } from '../../config/edit.ts';
import { encodeSealed } from '../../config/permalink.ts';
import { PRODUCT_VERSION } from '../../config/product.ts';
import type { RunDigest } from '../../links/digest.ts';
import { liveCurves } from '../liveRun.ts';
import type { ReceivedRun, ReceivedStore, Reproduction } from '../received.ts';
import type { RunState } from '../runStore.ts';
import type { Stores } from '../stores.ts';
import type { FileCommands } from './file.ts';
import type { RunCommands } from './run.ts';

export interface ReproduceCommands {
  /** Opens a run of the link anew, trains it as far as the sender did, and compares the two. */
  reproduce(run: number): Promise<void>;
  /** Gives a reproduction up; the run goes on. */
  stopReproducing(): void;
}

type Needed = Pick<FileCommands, 'load'> & Pick<RunCommands, 'start' | 'pause'>;

/** Whether everything that the sender's results are of has been reported. */
function hasReached({ metrics, validation }: RunState, sender: RunDigest): boolean {
  const wanted = sender.validation.steps.at(-1) ?? 0;
  const reached = validation.at(-1)?.step ?? 0;
  return metrics.lastStep >= sender.lastStep && reached >= wanted;
}

/** Why a reproduction cannot go on; null while it can. */
function hindrance({ config, run }: Stores, expected: ReceivedRun): string | null {
  const { failure, stopped, phase } = run.getState();
  const { running } = config.getState();
  if (failure !== null) return failure.message;
  if (stopped !== null && stopped.kind !== 'finished') return stopped.message;
  if (phase === 'opening') return null;
  if (running === null || phase === 'empty') return 'The run was closed.';
  if (!sameValue(running.events, expected.experiment.events))
    return 'The run was changed, so it is no longer the sender’s.';
  if (phase === 'finished') return 'The run ended before it had taken all steps of the sender.';
  return null;
}

export function createReproduceCommands(
  stores: Stores,
  received: ReceivedStore,
  commands: Needed,
): ReproduceCommands {
  const { run } = stores;
  const now = (): Reproduction | null => received.getState().reproduction;

  /** Resolves when all that is to be compared is there, with null, or with what came between. */
  function reached(expected: ReceivedRun, sender: RunDigest, mine: Reproduction) {
    return new Promise<string | null>((resolve) => {
      const stops: (() => void)[] = [];
      const look = () => {
        const isDone = hasReached(run.getState(), sender);
        const reason = isDone ? null : hindrance(stores, expected);
        if (now() === mine && !isDone && reason === null) return;
        for (const stop of stops.splice(0)) stop();
        resolve(reason);
      };
      stops.push(run.subscribe(look), stores.config.subscribe(look), received.subscribe(look));
      look();
    });
  }

  async function compare(expected: ReceivedRun, sender: RunDigest): Promise<Reproduction> {
    const { receiptOf } = await import('../../links/receipt.ts');
    const receipt = receiptOf(sender, {
      curves: liveCurves(run.getState()),
      adapter: run.getState().adapter?.description ?? null,
      version: PRODUCT_VERSION,
      link: encodeSealed(expected.experiment),
      at: new Date(),
    });
    return { run: received.getState().runs.indexOf(expected), state: 'done', receipt };
  }

  return {
    async reproduce(index) {
      const expected = received.getState().runs[index];
      const sender = expected?.result ?? null;
      if (expected === undefined || sender === null) return;
      if (!(await commands.load(expected.experiment, [], 'The received run'))) return;
      const mine: Reproduction = { run: index, state: 'running' };
      received.getState().set({ reproduction: mine });
      await commands.start();
      const reason = await reached(expected, sender, mine);
      if (now() !== mine) return;
      if (reason !== null) {
        received.getState().set({ reproduction: { run: index, state: 'ended', reason } });
        return;
      }
      if (run.getState().phase === 'running') await commands.pause();
      const done = await compare(expected, sender);
      if (now() === mine) received.getState().set({ reproduction: done });
    },
    stopReproducing() {
      received.getState().set({ reproduction: null });
    },
  };
}
