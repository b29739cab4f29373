/** Figures that need passes with interventions: asked once, at one set of parameters. */
import type { InterventionsArgs } from '../../analysis/figures/interventions.ts';
import type { FigureRequest } from '../../analysis/figures.ts';
import type { Inspection, Intervention } from '../../analysis/inspection.ts';
import { experimentAtStep } from '../../config/edit.ts';
import type { PassText, Subject } from '../../worker/api.ts';
import type { TrainerClient } from '../stores.ts';
import { type Look, lookOf, type ResultOf, type Side } from './looked.ts';
import type { FiguresThread, Held } from './thread.ts';

export interface AskDeps {
  client: Pick<TrainerClient, 'inspect' | 'takeCopy' | 'letCopyGo'>;
  thread(): Promise<FiguresThread>;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Passes that were made, of all. */
  onProgress?: (done: number, total: number) => void;
}

/** What was asked once: the figures, and the inspection that they are of. */
export interface Asked<R extends FigureRequest> {
  results: readonly ResultOf<R>[];
  look: Look;
}

/** The same of one figure. */
export interface AskedOne<R extends FigureRequest> {
  result: ResultOf<R>;
  look: Look;
}

/** What interventions change, and the path of every token without them and with them; of one step. */
export interface WhatIf {
  step: number;
  changes: ResultOf<{ figure: 'interventions' } & InterventionsArgs>;
  without: Paths;
  with: Paths;
}
export interface Paths {
  tokens: ResultOf<{ figure: 'tokens' }>;
  /** Without MoE layers it has no values. */
  workload: ResultOf<{ figure: 'workload' }>;
}

let asked = 0;

/** What figures know of an inspection beside itself. */
function heldOf({ source }: Side, step: number, inspection: Inspection): Held {
  const { router, evaluation } = experimentAtStep(source.head.experiment, step + 1);
  const capacity = evaluation.capacity && router.capacity !== null;
  return { inspection, tau: router.tau, capacity };
}

/** Names in the figures' thread for the time of a question. */
async function holding<T>(
  { thread }: AskDeps,
  work: (figures: FiguresThread, name: (of: string) => string) => Promise<T>,
): Promise<T> {
  const figures = await thread();
  const names = new Set<string>();
  asked += 1;
  const prefix = `asked ${asked}`;
  try {
    return await work(figures, (of) => {
      names.add(`${prefix} ${of}`);
      return `${prefix} ${of}`;
    });
  } finally {
    for (const name of names) void figures.drop(name).catch(() => undefined);
  }
}

/** Passes of interventions so few that they take one turn of a run that trains. */
const ONE_TURN = 2;

/** The passes of requests that take one turn of the model; null where they take more. */
function passesOfOneTurn(requests: readonly FigureRequest[]): (readonly Intervention[])[] | null {
  const lists = requests.flatMap((request) =>
    request.figure === 'interventions' ? [request.items] : [],
  );
  return lists.length === requests.length && lists.length <= ONE_TURN ? lists : null;
}

/**
 * Figures of one inspection, each with its passes. Few interventions take one turn of the model; for
 * more, a model that trains is copied, so that all are of the same step.
 * @throws errors of `inspect`; the signal's reason
 */
export async function askAll<R extends FigureRequest>(
  deps: AskDeps,
  side: Side,
  text: PassText,
  requests: readonly R[],
  options: AskOptions = {},
): Promise<Asked<R>> {
  if (passesOfOneTurn(requests) !== null || side.subject !== 'live')
    return asking(deps, side, side.subject, text, requests, options);
  const { client } = deps;
  const copy = await client.takeCopy();
  try {
    return await asking(deps, side, { copy }, text, requests, options);
  } finally {
    void client.letCopyGo(copy).catch(() => undefined);
  }
}

async function asking<R extends FigureRequest>(
  deps: AskDeps,
  side: Side,
  subject: Subject,
  text: PassText,
  requests: readonly R[],
  { signal, onProgress }: AskOptions,
): Promise<Asked<R>> {
  const { client } = deps;
  signal?.throwIfAborted();
  const atOnce = passesOfOneTurn(requests) ?? [];
  const { step, inspection, ce } = await client.inspect(
    'pass',
    { of: text, requests: atOnce },
    subject,
  );
  const { texts } = await client.inspect('vocabulary', null, subject);
  const look = lookOf(side, step, inspection, texts);
  return holding(deps, async (figures, nameOf) => {
    const name = nameOf('');
    await figures.hold(name, { ...heldOf(side, step, inspection), texts });
    const lists = await Promise.all(requests.map((request) => figures.passes(name, request)));
    const total = lists.reduce((n, { length }) => n + length, 0);
    let done = ce.length;
    const lossesOf = async (items: readonly Intervention[]): Promise<Float32Array> => {
      onProgress?.(done, total);
      const answer = await client.inspect('losses', { of: text, requests: [items] }, subject);
      signal?.throwIfAborted();
      done += 1;
      return answer.ce[0] as Float32Array;
    };
    const results: ResultOf<R>[] = [];
    for (const [i, request] of requests.entries()) {
      const known = ce[i];
      const losses: Float32Array[] = known === undefined ? [] : [known];
      if (known === undefined)
        for (const items of lists[i] ?? []) losses.push(await lossesOf(items));
      results.push((await figures.finish(name, request, losses)) as ResultOf<R>);
    }
    onProgress?.(total, total);
    return { results, look };
  });
}

async function pathsOf(figures: FiguresThread, name: string): Promise<Paths> {
  const [tokens, workload] = await figures.compute(name, null, [
    { figure: 'tokens' },
    { figure: 'workload' },
  ]);
  return { tokens: tokens?.result, workload: workload?.result } as Paths;
}

/**
 * What interventions that act together change, in one turn of the model.
 * @param of a token that is asked about
 * @throws errors of `inspect`; the signal's reason
 */
export async function askWhatIf(
  deps: AskDeps,
  side: Side,
  text: PassText,
  args: InterventionsArgs,
  { signal }: Pick<AskOptions, 'signal'> = {},
): Promise<WhatIf> {
  signal?.throwIfAborted();
  const ask = { of: text, whatIf: args.items };
  const { step, inspection, whatIf } = await deps.client.inspect('pass', ask, side.subject);
  signal?.throwIfAborted();
  if (whatIf === null) throw new Error('The pass with interventions was not made.');
  return holding(deps, async (figures, nameOf) => {
    const [before, after] = [nameOf('without'), nameOf('with')];
    // Holding hands the arrays over.
    const losses = [whatIf.ce.slice()];
    await figures.hold(before, heldOf(side, step, inspection));
    await figures.hold(after, heldOf(side, step, whatIf));
    const changes = await figures.finish(before, { figure: 'interventions', ...args }, losses);
    const paths = [await pathsOf(figures, before), await pathsOf(figures, after)] as const;
    signal?.throwIfAborted();
    return { step, changes: changes as WhatIf['changes'], without: paths[0], with: paths[1] };
  });
}
