import type { RunSource } from '../analysis/source.ts';
import type { Experiment } from '../config/experiment.ts';
import type { Library } from '../runs/library.ts';
import { type BesideStore, createBesideStore } from './beside.ts';
import { type Commands, createCommands, type Stores, type TrainerClient } from './commands.ts';
import { createConfigStore } from './configStore.ts';
import type { ConversionsDeps, ConversionsStore } from './conversion/conversions.ts';
import { followTrainer } from './follow.ts';
import { createHistory } from './history.ts';
import { isListed } from './keptRows.ts';
import { createKeptStore, type KeptStorage, type KeptStore } from './keptRuns.ts';
import { createLibraryStore, type LibraryStore } from './library.ts';
import { type AddressBar, experimentInLink, syncLink } from './linkSync.ts';
import { createLiveSource } from './liveSource.ts';
import type { Instruments, InstrumentsDeps } from './looks/instruments.ts';
import type { Papers, PapersDeps } from './papers/papers.ts';
import { followInterval } from './probeInterval.ts';
import { createRackStore } from './rackStore.ts';
import { createReceivedStore, type ReceivedStore } from './received.ts';
import { errorsOf } from './replacing.ts';
import { createRunFiles, type RunFiles } from './runFiles.ts';
import type { RunFilesDeps } from './runFilesLoaded.ts';
import { createRunStore } from './runStore.ts';
import { decodeView } from './viewLink.ts';
import { createViewStore, type ViewFields, type ViewStorage } from './viewStore.ts';

/** All that the page works with: the stores and what can be done to them. */
export interface Lab extends Stores {
  commands: Commands;
  /** Runs a run of the link here, and compares the two. */
  reproduce(run: number): Promise<void>;
  /** Keeps a run of the link in the library, as one that was received. */
  keepReceived(run: number): Promise<void>;
  /** Runs that the link brought. */
  received: ReceivedStore;
  /** Side B of an A/B, beside the open run. */
  beside: BesideStore;
  /** The live run as views read it. */
  source: RunSource;
  /** Runs that are drawn beside the live one. */
  kept: KeptStore;
  /** Runs of this and earlier visits. */
  library: LibraryStore;
  /** What looks into models, made when first asked for: who asks brings its code along. */
  instruments(create: (deps: InstrumentsDeps) => Instruments): Instruments;
  /** Conversions of dense models, made like the instruments. */
  conversions(create: (deps: ConversionsDeps) => ConversionsStore): ConversionsStore;
  /** Claims of the papers, their results and the queue, made when first asked for as instruments are. */
  papers(create: (deps: PapersDeps) => Papers): Papers;
  /** Runs as files. */
  runFiles: RunFiles;
  /** Stops following trainer and address bar. */
  close(): void;
}

export interface LabOptions {
  client: TrainerClient;
  bar: AddressBar;
  storage: ViewStorage | null;
  /** Where kept runs outlast the page; nowhere when absent. */
  keptStorage?: KeptStorage | null;
  /** Where runs are kept; nowhere when absent. */
  library?: Library | null;
  /** Ids of the runs that are open in any tab. */
  openRuns?: () => Promise<ReadonlySet<string>>;
  /** Where files of runs are read and written; in a worker of their own when absent. */
  filesThread?: RunFilesDeps['openThread'];
  /** Text of a recorded result; nothing is recorded when absent. */
  readRecorded?: PapersDeps['read'];
  /** Shown where the link holds no experiment; the frozen defaults when absent. */
  initial?: Experiment;
  /** The fields of the views that the page has, by the view's id. */
  viewFields?: ViewFields;
  /** Ids of rooms that are shown in other pages, where nobody keeps runs or hears of it. */
  embedRooms?: readonly string[];
  /** Calls back when the page has nothing else to do; without it the adapter is measured on request only. */
  whenIdle?: (task: () => void) => void;
}

/** Makes something when it is first asked for: who asks brings its code along. */
function onFirstUse<D, T>(deps: D): (create: (deps: D) => T) => T {
  let made: T | null = null;
  return (create) => {
    made ??= create(deps);
    return made;
  };
}

/** Does what begins with loading code; where that fails, it is said. */
function telling({ view }: Pick<Stores, 'view'>) {
  return async (what: string, task: () => Promise<void>) => {
    try {
      await task();
    } catch (error) {
      view.getState().say(`${what}: ${String(error)}`);
    }
  };
}

/** What can be done with runs that a link brought. */
function ofReceived(
  stores: Stores,
  {
    received,
    commands,
    library,
    told,
  }: Pick<Lab, 'received' | 'commands' | 'library'> & {
    told: ReturnType<typeof telling>;
  },
): Pick<Lab, 'reproduce' | 'keepReceived'> {
  return {
    reproduce: (run) =>
      told('The run was not reproduced', async () => {
        const { reproduce } = await import('./commands/reproduce.ts');
        await reproduce(stores, received, commands, library, run);
      }),
    keepReceived: (run) =>
      told('The run was not kept', async () => {
        const one = received.getState().runs[run];
        if (one === undefined) return;
        const { keepReceived } = await import('./commands/keepReceived.ts');
        stores.view.getState().say(await keepReceived(library, one));
      }),
  };
}

/** Puts the stores together, opens what the link holds and asks for the adapter. */
export function createLab(options: LabOptions): Lab {
  const { client, bar, storage, initial, whenIdle } = options;
  const linked = experimentInLink(bar);
  const stores: Stores = {
    config: createConfigStore(linked?.experiment ?? initial),
    run: createRunStore(),
    view: createViewStore(storage, options.viewFields),
    rack: createRackStore(),
    history: createHistory(),
  };
  const shown = decodeView(bar.read(), stores.view.getState().fields);
  if (shown !== null) stores.view.getState().take(shown);
  const { library = null, openRuns = async () => new Set<string>() } = options;
  const received = createReceivedStore();
  const commands = createCommands(client, stores, library && { library, openRuns });
  const { embedRooms = [] } = options;
  const tellOfStorage = (message: string) => {
    const { room, say } = stores.view.getState();
    if (!embedRooms.includes(room)) say(message);
  };
  const told = telling(stores);
  const kept = createKeptStore(options.keptStorage ?? null, (error) =>
    tellOfStorage(`The browser does not keep runs for the next visit: ${String(error)}`),
  );
  const stored = createLibraryStore(options.library ?? null, tellOfStorage);
  const ofLinks = ofReceived(stores, { received, commands, library: stored, told });
  const receive = (fragment: string) =>
    void told('The runs of the link are not shown', () => received.getState().receive(fragment));
  void stored.getState().read();
  // Where nothing is listed, nothing is loaded.
  let stopRows = stored.subscribe(({ rows }) => {
    if (!rows.some(isListed)) return;
    stopRows();
    void told('Kept runs are not shown', async () => {
      const { followRows } = await import('./keptLibrary.ts');
      stopRows = followRows(stored, kept);
    });
  });
  if (linked !== null) {
    const { experiment, problems } = linked;
    stores.config.getState().set({ problems });
    if (problems.length > 0 || errorsOf(experiment, problems).length > 0)
      stores.view.getState().set({ sheet: 'problems' });
  }
  const stopListening = followTrainer(client, stores);
  const stopAsking = followInterval(stores.view, commands.probes.every);
  const stopLink = syncLink({
    ...stores,
    bar,
    load: ({ experiment, problems }) => commands.load(experiment, problems),
    receive,
  });
  receive(bar.read());
  void commands.probe().then(() => {
    whenIdle?.(() => {
      if (stores.run.getState().adapter === null) return;
      void commands.measure(false);
      void commands.offer();
    });
  });
  const source = createLiveSource(stores.run, stores.config);
  return {
    ...stores,
    commands,
    instruments: onFirstUse({ client, run: stores.run, library: stored, live: source }),
    conversions: onFirstUse({
      conversion: client.conversion,
      own: () => stores.config.getState().own,
    }),
    papers: onFirstUse({
      queue: () => client.queue(),
      read: options.readRecorded ?? (async () => null),
      say: stores.view.getState().say,
    }),
    ...ofLinks,
    received,
    beside: createBesideStore(client, stores),
    source,
    kept,
    library: stored,
    runFiles: createRunFiles(stores, options.library ?? null, options.filesThread),
    close() {
      stopRows();
      stored.getState().close();
      stopListening();
      stopAsking();
      stopLink();
    },
  };
}
