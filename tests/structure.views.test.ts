/** Views and rooms: what each view consists of, and what none of them may do. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settingAt } from '../src/config/schema.ts';
import { VIEWS } from '../src/ui/views/registry.ts';
import { ROOMS, readingOrder, roomById } from '../src/ui/views/rooms.ts';
import { filesUnder, importsOf, textOf } from './support/sourceTree.ts';

const VIEW_FILES = filesUnder('src/ui/views', '.ts', '.tsx', '.css');
/** Folders below src/ui/views. */
const FOLDERS = [
  ...new Set(VIEW_FILES.flatMap((path) => /^src\/ui\/views\/([^/]+)\//.exec(path)?.[1] ?? [])),
];
const folderOf = (path: string) => /^src\/ui\/views\/([^/]+)\//.exec(path)?.[1];
const isThere = (path: string) => existsSync(fileURLToPath(new URL(`../${path}`, import.meta.url)));

describe('views', () => {
  it('import no other view', () => {
    const wrong = VIEW_FILES.filter((path) => /\.tsx?$/.test(path)).flatMap((path) => {
      const own = folderOf(path);
      return importsOf(path)
        .filter(({ target }) => own !== undefined && (folderOf(target) ?? own) !== own)
        .map(({ target }) => `${path} imports ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it('know nothing of the page around them', () => {
    const wrong = VIEW_FILES.filter((path) => folderOf(path) !== undefined && /\.tsx?$/.test(path))
      .flatMap((path) => importsOf(path).map(({ target }) => ({ path, target })))
      .filter(({ target }) => /^src\/ui\/(?!kit\/|views\/)/.test(target))
      .map(({ path, target }) => `${path} imports ${target}`);
    expect(wrong).toEqual([]);
  });

  it.each(FOLDERS)('%s has its row, panel, sheet and test', (id) => {
    for (const name of ['view.ts', 'Panel.tsx', `${id}.css`])
      expect(isThere(`src/ui/views/${id}/${name}`), name).toBe(true);
    expect(VIEWS.map((view) => view.id)).toContain(id);
    const panel = importsOf(`src/ui/views/${id}/Panel.tsx`).map(({ target }) => target);
    expect(panel).toContain(`src/ui/views/${id}/${id}.css`);
    const title = VIEWS.find((view) => view.id === id)?.title ?? '';
    const tests = filesUnder('tests/ui', '.tsx').filter((path) => textOf(path).includes(title));
    expect(tests, `no test names “${title}”`).not.toEqual([]);
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
    const wrong = selectorsOf(`src/ui/views/${id}/${id}.css`).filter(
      (selector) => !selector.startsWith(`.${id}`),
    );
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
