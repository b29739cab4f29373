import { describe, expect, it, vi } from 'vitest';
import { circles, filesUnder, importsOf, reachable, textOf } from './support/sourceTree.ts';

const SOURCES = filesUnder('src', '.ts', '.tsx');

interface Row {
  /** A folder, or a single file, below `src/`. */
  place: string;
  allowed: string[];
  /** Places of which types alone may be imported. */
  typesOnly: string[];
}

/** Rows of the table in docs/ARCHITECTURE.md: `| place | idea | may import |`. */
function importTable(): Row[] {
  const rows = textOf('docs/ARCHITECTURE.md').matchAll(/^\| `src\/([^`]+)` \|.*\| ([^|]+) \|$/gm);
  const table = [...rows].map(([, place = '', allowance = '']) => ({ place, allowance }));
  return table.map(({ place, allowance }) => {
    if (allowance === 'nothing') return { place, allowed: [], typesOnly: [] };
    const names = allowance
      .replace(/^(everything but|types of)/, '')
      .replaceAll(/\([^)]*\)/g, '')
      .split(',')
      .map((name) => name.trim());
    if (allowance.startsWith('types of')) return { place, allowed: [], typesOnly: names };
    if (!allowance.startsWith('everything but')) return { place, allowed: names, typesOnly: [] };
    const others = table.map((row) => row.place.split('/')[0] ?? '');
    const allowed = ['bench', ...others.filter((name) => !names.includes(name))];
    return { place, allowed, typesOnly: [] };
  });
}

/** `worker/api` covers the file src/worker/api.ts, `config` the folder src/config, `bench` its own. */
function covers(place: string, path: string): boolean {
  if (place === 'bench') return path.startsWith('bench/');
  const stem = `src/${place.replace(/\.ts$/, '')}`;
  return path === `${stem}.ts` || path.startsWith(`${stem}/`);
}

describe('imports', () => {
  const table = importTable();
  const rowOf = (path: string) => table.find(({ place }) => covers(place, path));

  it('has a row for every source file', () => {
    expect(table.length).toBeGreaterThan(10);
    expect(SOURCES.filter((path) => !rowOf(path))).toEqual([]);
  });

  it.each(table)('src/$place goes the way of the arrows', ({ place, allowed, typesOnly }) => {
    const wrong = SOURCES.filter((path) => rowOf(path)?.place === place).flatMap((path) =>
      importsOf(path)
        .filter(({ target, isLocal, isWorker }) => {
          return isLocal && !isWorker && /^(src|bench)\//.test(target);
        })
        .filter(({ target, isTypeOnly }) => {
          if (covers(place, target)) return false;
          const within = (names: string[]) => names.some((name) => covers(name, target));
          return !within(allowed) && !(isTypeOnly && within(typesOnly));
        })
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('goes round in no circle, types included', () => {
    const imports = new Map(
      SOURCES.map((path) => [path, importsOf(path).map(({ target }) => target)]),
    );
    expect(circles(imports)).toEqual([]);
  });

  it('is found out where it does', () => {
    const imports = { a: ['b'], b: ['c', 'd'], c: ['a'], d: [], e: ['e'] };
    expect(circles(new Map(Object.entries(imports)))).toEqual([['a', 'b', 'c'], ['e']]);
  });

  it('lets the benchmark know no page', () => {
    const wrong = filesUnder('bench', '.ts').flatMap((path) =>
      importsOf(path)
        .filter(({ target }) => /^src\/(worker|state|ui|cli)\//.test(target))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('names local files with their extension', () => {
    const bare = SOURCES.flatMap((path) =>
      importsOf(path)
        .filter(({ target, isLocal }) => isLocal && !/\.[a-z]+$/.test(target))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(bare).toEqual([]);
  });
});

it('keeps types alone at the boundary between page and worker', async () => {
  expect(Object.keys(await import('../src/worker/api.ts'))).toEqual([]);
});

describe('what the page and the worker load', () => {
  const entries = SOURCES.filter((path) => /^src\/(ui|state|worker)\//.test(path));

  it('needs nothing of Node', () => {
    const chains = [...reachable(entries)].filter(([target]) => /^(node:|webgpu$)/.test(target));
    expect(chains.map(([, chain]) => chain.join(' → '))).toEqual([]);
  });
});

describe('what the worker loads at its start', () => {
  /** Static imports alone, as a bundler follows them. */
  const atStart = reachable(['src/worker/trainer.worker.ts'], 'static');
  const ever = reachable(['src/worker/trainer.worker.ts']);

  it.each([
    'valibot',
    'src/config/parse.ts',
    'src/train/session/checkpoint.ts',
    'src/train/engine/surgery.ts',
    'src/data/tokenizers/bpeTrain.ts',
  ])('leaves out %s, which is for later', (later) => {
    expect(atStart.get(later)?.join(' → ')).toBeUndefined();
    expect([...ever.keys()]).toContain(later);
  });
});

describe('what needs no page', () => {
  const folders = [
    'config',
    'accounting',
    'data',
    'gpu',
    'kernels',
    'model',
    'recipes',
    'reference',
    'state',
    'train',
  ];
  const pure = SOURCES.filter((path) => folders.some((folder) => covers(folder, path)));

  it('reaches no React', () => {
    const ofThePage = /^(react|react-dom|radix-ui|recharts|zustand)(\/(?!vanilla)|$)/;
    const chains = [...reachable(pure)].filter(([target]) => ofThePage.test(target));
    expect(chains.map(([, chain]) => chain.join(' → '))).toEqual([]);
  });

  it('loads in plain Node with React mocked out', async () => {
    vi.doMock('react', () => ({}));
    const modules = import.meta.glob([
      '../src/{config,accounting,reference,state}/**/*.ts',
      // Entries of workers need a worker around them.
      '!../src/**/*.worker.ts',
    ]);
    expect(Object.keys(modules).length).toBeGreaterThan(10);
    await Promise.all(Object.values(modules).map((load) => load()));
    expect(globalThis).not.toHaveProperty('document');
  });
});

it('gives a number its name in one place', () => {
  const places = new Map<string, string[]>();
  for (const path of SOURCES) {
    for (const [, name, value] of textOf(path).matchAll(
      /^(?:export )?const ([A-Z][A-Z\d_]+) = ([^;]*\d[^;]*);$/gm,
    )) {
      const constant = `${name} = ${value}`;
      places.set(constant, [...(places.get(constant) ?? []), path]);
    }
  }
  expect(places.size).toBeGreaterThan(100);
  expect([...places].filter(([, paths]) => paths.length > 1)).toEqual([]);
});

describe('size', () => {
  const LONGEST = 400;
  /** Where everything would meet if it could. */
  const CORES = ['src/train/session/session.ts', 'src/train/engine/gpuEngine.ts'];
  const linesOf = (path: string) => textOf(path).split('\n').length - 1;

  it.each(CORES)('keeps %s below 300 lines, as one idea', (path) => {
    expect(linesOf(path)).toBeLessThan(300);
  });

  it(`keeps every source file within ${LONGEST} lines`, () => {
    const files = [
      ...SOURCES,
      ...filesUnder('src', '.css'),
      ...filesUnder('shaders', '.wgsl'),
      ...filesUnder('tests', '.ts', '.tsx'),
      ...filesUnder('bench', '.ts'),
      ...filesUnder('scripts', '.mjs'),
    ];
    const long = files
      .map((path) => ({ path, lines: linesOf(path) }))
      .filter(({ lines }) => lines > LONGEST);
    expect(long).toEqual([]);
  });
});
