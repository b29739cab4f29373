/** Handing a model over to PyTorch or `transformers`; loaded when first asked for. */

import { zipInWorker } from '../handover/openWorker.ts';
import type { HandoverAsk } from '../handover/options.ts';
import type { Handed, HandoverThread } from '../handover/thread.ts';
import type { Library } from '../runs/library.ts';
import type { HandedRun, HandoverAnswer } from './handed.ts';

export interface HandoverDeps {
  library: Library | null;
  zip?: HandoverThread['zip'];
}

/** @throws RangeError for a run without a model */
async function handedOf({ library }: HandoverDeps, run: HandedRun): Promise<Handed> {
  if (!('id' in run)) return { ...run, parent: null };
  const row = (await library?.row(run.id)) ?? null;
  const last = row?.checkpoints.at(-1);
  if (library === null || row === null || last === undefined)
    throw new RangeError('No checkpoint of this run is stored.');
  const hash = row.text?.isOwn === true ? row.text.hash : null;
  const parent = { id: row.id, step: last.step, name: row.name };
  return {
    parent,
    checkpoint: await library.checkpoint(run.id, last.step),
    own: hash === null ? null : await library.ownText(hash),
  };
}

/** The zip file, or why there is none: a sentence, and settings that stand in the way, one a line. */
export async function handOver(
  deps: HandoverDeps,
  run: HandedRun,
  ask: HandoverAsk,
): Promise<HandoverAnswer> {
  const { zip = zipInWorker } = deps;
  try {
    const home = { base: document.baseURI, origin: location.origin };
    return { blob: await zip(await handedOf(deps, run), ask, home) };
  } catch (error) {
    const [reason = '', ...settings] = String(error instanceof Error ? error.message : error).split(
      '\n',
    );
    return { reason, settings };
  }
}
