/** A figure that needs passes with interventions: asked once, with progress, at one set of parameters. */
import type { FigureRequest, FigureValues } from '../../analysis/figures.ts';
import { experimentAtStep } from '../../config/edit.ts';
import type { PassText, Subject } from '../../worker/api.ts';
import type { TrainerClient } from '../stores.ts';
import { type Look, type LookText, lookOf, type ResultOf, type Side } from './looked.ts';
import type { FiguresThread } from './thread.ts';

export interface AskDeps {
  client: Pick<TrainerClient, 'inspect' | 'takeCopy' | 'letCopyGo'>;
  thread(): Promise<FiguresThread>;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Passes that were made, of all. */
  onProgress?: (done: number, total: number) => void;
}

/** What was asked once: the figure, and the inspection that it is of. */
export interface Asked<R extends FigureRequest> {
  result: ResultOf<R>;
  look: Look;
}

let asked = 0;

/**
 * Runs the figure's passes on a copy where the model trains, so that all are of the same step.
 * @throws errors of `inspect`; the signal's reason
 */
export async function askOnce<R extends FigureRequest>(
  { client, thread }: AskDeps,
  side: Side,
  text: LookText,
  request: R,
  { signal, onProgress }: AskOptions = {},
): Promise<Asked<R>> {
  const isLive = side.subject === 'live';
  const copy = isLive ? await client.takeCopy() : null;
  const subject: Subject = copy === null ? side.subject : { copy };
  const figures = await thread();
  asked += 1;
  const name = `asked ${asked}`;
  try {
    signal?.throwIfAborted();
    const of: PassText = text;
    const { step, inspection } = await client.inspect('pass', { of }, subject);
    const { texts } = await client.inspect('vocabulary', null, subject);
    const look = lookOf(step, inspection, texts);
    const { router, evaluation } = experimentAtStep(side.source.head.experiment, step + 1);
    const { capacity } = evaluation;
    await figures.hold(name, { inspection, tau: router.tau, capacity, texts });
    const passes = await figures.passes(name, request);
    const losses: Float32Array[] = [];
    for (const items of passes) {
      onProgress?.(losses.length, passes.length);
      const answer = await client.inspect('losses', { of, requests: [items] }, subject);
      signal?.throwIfAborted();
      losses.push(answer.ce[0] as Float32Array);
    }
    onProgress?.(losses.length, passes.length);
    const result: FigureValues = await figures.finish(name, request, losses);
    return { result: result as ResultOf<R>, look };
  } finally {
    void figures.drop(name);
    if (copy !== null) void client.letCopyGo(copy);
  }
}
