/** Rooms: what is looked at together, as data. */

export interface Room {
  readonly id: string;
  readonly title: string;
  /** What is found in it, in a few words. */
  readonly hint: string;
  /** Ids of views, column by column; read row by row where there is room for one column only. */
  readonly columns: readonly (readonly string[])[];
  /** `none`: the views alone, to be shown in other pages; the room switch leaves it out. */
  readonly chrome: 'full' | 'none';
}

/** The first is the front door. */
export const ROOMS: readonly [Room, ...Room[]] = [
  {
    id: 'train',
    title: 'Train',
    hint: 'Loss, experts and their load while the model learns',
    columns: [
      ['loss', 'health', 'history', 'samples'],
      ['load', 'rack'],
    ],
    chrome: 'full',
  },
  {
    id: 'routing',
    title: 'Routing',
    hint: 'Where the router sends tokens: over steps, layers and kinds of text',
    columns: [
      ['history', 'table', 'overtime'],
      ['load', 'balance', 'domains', 'routing'],
    ],
    chrome: 'full',
  },
  {
    id: 'layers',
    title: 'Layers',
    hint: 'What each expert takes, layer by layer, and which work together',
    columns: [
      ['subject', 'experts', 'workload'],
      ['flow', 'coactivation', 'kinds'],
    ],
    chrome: 'full',
  },
  {
    id: 'data',
    title: 'Data',
    hint: 'Which text goes where: domains, token classes, difficulty, vocabulary',
    columns: [
      ['subject', 'bydomain', 'classes', 'deciles', 'positions', 'vocabulary', 'pruning', 'probes'],
    ],
    chrome: 'full',
  },
  {
    id: 'text',
    title: 'Text',
    hint: 'A passage token by token, and what would be if it were routed otherwise',
    columns: [['subject', 'passage']],
    chrome: 'full',
  },
  {
    id: 'papers',
    title: 'Papers',
    hint: 'The five papers’ claims and figures, by runs of your own',
    columns: [
      [
        ...['claims', 'queue', 'sweeps', 'printed'],
        ...['subject', 'difficult', 'scores', 'contribution', 'maxweights'],
      ],
    ],
    chrome: 'full',
  },
  {
    id: 'balance',
    title: 'Balance',
    hint: 'How even the load of sequences, batches and windows is, and what it costs',
    columns: [
      ['pools', 'subject', 'sequences'],
      ['balance', 'specialism', 'scores'],
    ],
    chrome: 'full',
  },
  {
    id: 'convert',
    title: 'Convert',
    hint: 'A dense model becomes a mixture of experts, layer by layer',
    columns: [
      ['teacher', 'distil', 'tradeoff', 'recovery'],
      ['board', 'twotexts', 'adaptive'],
    ],
    chrome: 'full',
  },
  {
    id: 'runs',
    title: 'Runs',
    hint: 'All runs of this and earlier visits, found, forked and compared',
    columns: [['library', 'compare', 'ab']],
    chrome: 'full',
  },
  {
    id: 'cost',
    title: 'Cost',
    hint: 'Parameters, FLOPs, memory and time',
    columns: [
      ['accounting', 'profiler'],
      ['solver', 'placement'],
    ],
    chrome: 'full',
  },
  {
    id: 'embed',
    title: 'Embed',
    hint: 'The loss and the load alone',
    columns: [['loss', 'load']],
    chrome: 'none',
  },
];

/** Rooms that the switch offers. */
export const OFFERED = ROOMS.filter(({ chrome }) => chrome === 'full');

/** Digit that leads to the room at a place of `OFFERED`: 1 to 9, and 0 for the tenth. */
export function roomKey(place: number): string {
  return String((place + 1) % 10);
}

/** The room of an id; the front door for every other text. */
export function roomById(id: string): Room {
  return ROOMS.find((room) => room.id === id) ?? ROOMS[0];
}

/** All views of a room in the order in which they are read. */
export function readingOrder({ columns }: Room): string[] {
  const rows = Math.max(...columns.map((column) => column.length));
  return Array.from({ length: rows }, (_, row) =>
    columns.flatMap((column) => column[row] ?? []),
  ).flat();
}
