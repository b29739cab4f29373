/** Views and rooms: what each view consists of, and what none of them may do. */
import { describe, expect, it } from 'vitest';
import { settingAt } from '../src/config/schema.ts';
import { VIEWS } from '../src/ui/views/registry.ts';
import { ROOMS, readingOrder, roomById } from '../src/ui/views/rooms.ts';
import { filesUnder, importsOf, reachable, textOf } from './support/sourceTree.ts';
import { forbiddenImports, missingOf, type ViewTree, viewFolders } from './support/viewTree.ts';

const PATHS = [
  ...filesUnder('src/ui/views', '.ts', '.tsx', '.css'),
  ...filesUnder('tests/ui', '.test.tsx'),
];
const TREE: ViewTree = { files: new Map(PATHS.map((path) => [path, textOf(path)])), rows: VIEWS };
const FOLDERS = viewFolders(TREE);

/** The tree with one file changed; without it where `text` is null. */
function planted(path: string, text: string | null): ViewTree {
  const files = new Map(TREE.files);
  if (text === null) files.delete(path);
  else files.set(path, text);
  return { ...TREE, files };
}

describe('views', () => {
  it('import no other view, and know nothing of the page around them', () => {
    expect(forbiddenImports(TREE)).toEqual([]);
  });

  it.each(FOLDERS)('%s has its row, panel, sheet and test', (id) => {
    expect(missingOf(id, TREE)).toEqual([]);
  });

  it.each(FOLDERS)('%s is missed by each of its parts', (id) => {
    for (const name of ['view.ts', 'Panel.tsx', `${id}.css`]) {
      const path = `src/ui/views/${id}/${name}`;
      expect(missingOf(id, planted(path, null)), name).toContain(path);
    }
    const panel = `src/ui/views/${id}/Panel.tsx`;
    expect(missingOf(id, planted(panel, 'export default () => null;'))).toEqual([
      `an import of its sheet in ${panel}`,
    ]);
    const rows = VIEWS.filter((view) => view.id !== id);
    expect(missingOf(id, { ...TREE, rows })).toEqual([`a row with the id “${id}”`]);
    const title = VIEWS.find((view) => view.id === id)?.title ?? '';
    const files = new Map([...TREE.files].filter(([path]) => !path.startsWith('tests/')));
    expect(missingOf(id, { ...TREE, files })).toEqual([`a test that names “${title}”`]);
  });

  it('are found out where one imports another, or the page', () => {
    const path = 'src/ui/views/loss/planted.ts';
    for (const target of ['../rack/edits.ts', '../../shell/Toast.tsx', '../../App.tsx'])
      expect(forbiddenImports(planted(path, `import { x } from '${target}';`))).toHaveLength(1);
    const allowed = `import { x } from '../../kit/Button.tsx';\nimport '../view.ts';`;
    expect(forbiddenImports(planted(path, allowed))).toEqual([]);
  });

  it('are rows with ids and titles of their own', () => {
    const ids = VIEWS.map(({ id }) => id);
    const titles = VIEWS.map(({ title }) => title);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(titles).size).toBe(titles.length);
    expect([...ids].sort()).toEqual([...FOLDERS].sort());
  });

  it('keep what no setting of a link is called', () => {
    for (const { id, fields } of VIEWS) {
      expect(id).toMatch(/^[a-z]+$/);
      expect(id).not.toBe('page');
      for (const name of Object.keys(fields)) expect(settingAt(`${id}.${name}`)).toBeUndefined();
    }
  });
});

/** Selectors of a sheet, one by one; of rules within others too. */
function selectorsOf(sheet: string): string[] {
  const bare = textOf(sheet).replace(/\/\*[\s\S]*?\*\//g, '');
  return [...bare.matchAll(/([^{};]+)\{/g)]
    .map(([, selector = '']) => selector.trim())
    .filter((selector) => !/^@|^(from|to|\d+%)$/.test(selector))
    .flatMap((selector) => selector.split(/,(?![^(]*\))/))
    .map((selector) => selector.trim());
}

describe('style sheets', () => {
  it.each(FOLDERS)('%s styles nothing but its own', (id) => {
    const wrong = filesUnder(`src/ui/views/${id}`, '.css')
      .flatMap(selectorsOf)
      .filter((selector) => !selector.startsWith(`.${id}`));
    expect(wrong).toEqual([]);
  });
});

describe('the kit', () => {
  it('imports nothing of the page outside of itself', () => {
    const wrong = filesUnder('src/ui/kit', '.ts', '.tsx').flatMap((path) =>
      importsOf(path)
        .filter(({ target }) => /^src\/ui\/(?!kit\/)/.test(target))
        .map(({ target }) => `${path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('figures', () => {
  const FIGURE = 'src/ui/kit/figure/';

  it('are no part of what the page loads at the start', () => {
    const first = [...reachable(['src/ui/main.tsx'], 'static').keys()];
    expect(first).toContain('src/ui/App.tsx');
    expect(first.filter((path) => path.startsWith(FIGURE))).toEqual([]);
  });

  it('have one sheet, which styles nothing but its own', () => {
    const [sheet = '', ...others] = filesUnder(FIGURE, '.css');
    expect(others).toEqual([]);
    const wrong = selectorsOf(sheet).filter((selector) => !/^(\.figure|:root)/.test(selector));
    expect(wrong).toEqual([]);
  });

  it('load what exports them on first use', () => {
    const parts = filesUnder(FIGURE, '.tsx');
    const exporters = [`${FIGURE}exportFigure.ts`, 'src/ui/kit/picture.ts'];
    const atOnce = [...reachable(parts, 'static').keys()];
    expect(atOnce.filter((path) => exporters.includes(path))).toEqual([]);
    expect([...reachable(parts).keys()]).toEqual(expect.arrayContaining(exporters));
  });
});

describe('rooms', () => {
  it('name views that there are, each once, and have ids of their own', () => {
    const known = VIEWS.map(({ id }) => id);
    for (const room of ROOMS) {
      const ids = room.columns.flat();
      expect(known, room.id).toEqual(expect.arrayContaining(ids));
      expect(new Set(ids).size, room.id).toBe(ids.length);
      expect(readingOrder(room).sort(), room.id).toEqual([...ids].sort());
    }
    expect(new Set(ROOMS.map(({ id }) => id)).size).toBe(ROOMS.length);
  });

  it('leave no view out', () => {
    const shown = new Set(ROOMS.flatMap(({ columns }) => columns.flat()));
    expect(VIEWS.filter(({ id }) => !shown.has(id))).toEqual([]);
  });

  it('begin with the front door, which stands for every unknown name', () => {
    expect(roomById('')).toBe(ROOMS[0]);
    expect(roomById('nowhere')).toBe(ROOMS[0]);
    expect(roomById('cost').id).toBe('cost');
  });

  it('are not named by the page itself', () => {
    const page = textOf('src/ui/App.tsx') + textOf('src/ui/shell/Rooms.tsx');
    for (const id of [...VIEWS, ...ROOMS].map((row) => row.id))
      expect(page).not.toContain(`'${id}'`);
  });
});
