/** Running what a link brought, to see whether the same comes of it here; loaded when it is asked for. */
import { sameValue } from '../../config/edit.ts';
import { encodeSealed } from '../../config/permalink.ts';
import { PRODUCT_VERSION } from '../../config/product.ts';
import type { RunDigest } from '../../links/digest.ts';
import { type Receipt, receiptOf } from '../../links/receipt.ts';
import type { LibraryStore } from '../library.ts';
import { liveCurves } from '../liveRun.ts';
import type { ReceivedRun, ReceivedStore, Reproduction } from '../received.ts';
import type { RunState } from '../runStore.ts';
import type { Stores } from '../stores.ts';
import type { FileCommands } from './file.ts';
import { keepReceived } from './keepReceived.ts';
import type { RunCommands } from './run.ts';

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

/** Resolves when all that is to be compared is there, with null, or with what came between. */
function reached(
  stores: Stores,
  received: ReceivedStore,
  expected: ReceivedRun,
  sender: RunDigest,
): Promise<string | null> {
  const mine = received.getState().reproduction;
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const look = () => {
      const isDone = hasReached(stores.run.getState(), sender);
      const reason = isDone ? null : hindrance(stores, expected);
      const isMine = received.getState().reproduction === mine;
      if (isMine && !isDone && reason === null) return;
      for (const stop of stops.splice(0)) stop();
      resolve(reason);
    };
    stops.push(stores.run.subscribe(look), stores.config.subscribe(look), received.subscribe(look));
    look();
  });
}

function compare(run: RunState, expected: ReceivedRun, sender: RunDigest): Receipt {
  return receiptOf(sender, {
    curves: liveCurves(run),
    adapter: run.adapter?.description ?? null,
    version: PRODUCT_VERSION,
    link: encodeSealed(expected.experiment),
    at: new Date(),
  });
}

/**
 * Opens a run of the link anew, trains it as far as the sender did, and compares the two. The sender's
 * is kept then, beside the one that was trained here.
 */
export async function reproduce(
  stores: Stores,
  received: ReceivedStore,
  commands: Needed,
  library: LibraryStore,
  index: number,
): Promise<void> {
  const { run } = stores;
  const expected = received.getState().runs[index];
  const sender = expected?.result ?? null;
  if (expected === undefined || sender === null) return;
  if (!(await commands.load(expected.experiment, [], 'The received run'))) return;
  const mine: Reproduction = { run: index, state: 'running' };
  const isMine = () => received.getState().reproduction === mine;
  received.getState().set({ reproduction: mine });
  await commands.start();
  const reason = await reached(stores, received, expected, sender);
  if (!isMine()) return;
  if (reason !== null) {
    received.getState().set({ reproduction: { run: index, state: 'ended', reason } });
    return;
  }
  if (run.getState().phase === 'running') await commands.pause();
  if (!isMine()) return;
  const receipt = compare(run.getState(), expected, sender);
  received.getState().set({ reproduction: { run: index, state: 'done', receipt } });
  await keepReceived(library, expected);
}
