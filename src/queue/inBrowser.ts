/** The queue with this browser's database and locks; loaded when the page first asks for it. */
import { leastVocabulary, outgrows } from '../accounting/needs.ts';
import type { CorpusSource } from '../data/corpora.ts';
import { ManyTexts } from '../data/manyTexts.ts';
import { prepareText } from '../data/prepare.ts';
import { RECIPES, recipeNamed } from '../recipes/recipes.ts';
import { idbTables } from '../runs/idbTables.ts';
import type { Keeping } from '../runs/keeping.ts';
import { runLocks } from '../runs/locks.ts';
import { memoryTables } from '../runs/memoryTables.ts';
import type { MeasureDeps } from '../train/recipes/measures.ts';
import type { QueueRequest } from './items.ts';
import type { Job } from './job.ts';
import { mergedRecipes } from './merged.ts';
import { Queue } from './queue.ts';
import { QueueStore } from './queueStore.ts';
import { recipeJob } from './recipeJob.ts';
import { mergedSweep, sweepJob } from './sweepJob.ts';

/** What else works on the queue of this browser. */
const LOCK = 'queue';
/** On which its tabs tell each other of it. */
const CHANNEL = 'switchyard.queue';

function jobOf(request: QueueRequest): Job {
  if (request.kind === 'sweep') return sweepJob(request);
  return recipeJob(recipeNamed(request.name), request);
}

/** Domains that telemetry counts apart. */
const domainsOf = (mix: Readonly<Record<string, number | undefined>>) =>
  Math.max(1, Object.values(mix).filter((weight) => (weight ?? 0) > 0).length);

async function misfit(
  job: Job,
  requestDevice: MeasureDeps['requestDevice'],
): Promise<string | null> {
  const { adapter } = await requestDevice();
  for (const { runs } of job.units) {
    for (const { experiment, label } of runs) {
      const domains = domainsOf(experiment.data.mix);
      const reason = outgrows(experiment, leastVocabulary(experiment), domains, adapter);
      if (reason !== null) return `${label}: ${reason}`;
    }
  }
  return null;
}

export interface BrowserDeps extends Pick<MeasureDeps, 'requestDevice' | 'requestGpu'> {
  /** Corpora, from where the page is by then. */
  source(): CorpusSource;
  keeping: Pick<Keeping, 'record' | 'library'>;
  /** Whether a record is that of a run which a person has open. */
  isOpen(id: string): boolean;
  locks: LockManager | null;
}

/** Opens the queue; where the browser stores nothing it lasts as long as the page. */
export async function queueInBrowser(deps: BrowserDeps): Promise<Queue> {
  const { requestDevice, requestGpu, source, keeping } = deps;
  const texts = new ManyTexts((experiment, own, ...rest) =>
    prepareText(experiment, source(), own, ...rest),
  );
  const measure: MeasureDeps = {
    requestDevice,
    requestGpu,
    prepareText: (experiment) => texts.get(experiment),
    async readDocuments(experiment, own) {
      const { readDocuments } = await import('../data/documents.ts');
      return readDocuments(experiment, source(), own);
    },
  };
  const locks = runLocks(deps.locks);
  const tables = await idbTables().catch(() => memoryTables());
  return Queue.open({
    measure,
    store: new QueueStore(tables),
    recording: { record: keeping.record, library: keeping.library, isOpen: deps.isOpen },
    jobOf: async (request) => jobOf(request),
    misfit: (job) => misfit(job, requestDevice),
    merged: { recipes: (units) => mergedRecipes(RECIPES, units), sweep: mergedSweep },
    hold: () => locks.hold(LOCK),
    release: () => locks.release(LOCK),
    channel: 'BroadcastChannel' in globalThis ? new BroadcastChannel(CHANNEL) : null,
    now: () => Date.now(),
  });
}
