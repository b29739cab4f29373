/** Views as a tree of files, so that a test can ask what one lacks, and plant what it must notice. */
import { importsOf } from './sourceTree.ts';

export interface ViewTree {
  /** Text of every file of the views and of their tests, by path. */
  files: ReadonlyMap<string, string>;
  /** Rows of the registry. */
  rows: readonly { id: string; title: string }[];
}

const FOLDER = /^src\/ui\/views\/([^/]+)\//;

/** Folder of the view that a file belongs to. */
export function viewOf(path: string): string | undefined {
  return FOLDER.exec(path)?.[1];
}

/** Folders below src/ui/views. */
export function viewFolders({ files }: ViewTree): string[] {
  return [...new Set([...files.keys()].flatMap((path) => viewOf(path) ?? []))];
}

/** What the view of a folder lacks, each in a few words. */
export function missingOf(id: string, { files, rows }: ViewTree): string[] {
  const folder = `src/ui/views/${id}`;
  const [panel, sheet] = [`${folder}/Panel.tsx`, `${folder}/${id}.css`];
  const missing = [`${folder}/view.ts`, panel, sheet].filter((path) => !files.has(path));
  const row = rows.find((candidate) => candidate.id === id);
  if (row === undefined) return [...missing, `a row with the id “${id}”`];
  const loaded = importsOf(panel, files.get(panel) ?? '').map(({ target }) => target);
  if (!loaded.includes(sheet)) missing.push(`an import of its sheet in ${panel}`);
  const isTested = [...files].some(
    ([path, text]) => path.startsWith('tests/') && text.includes(row.title),
  );
  if (!isTested) missing.push(`a test that names “${row.title}”`);
  return missing;
}

/** Imports by which views know each other, or anything of the page around them. */
export function forbiddenImports({ files }: ViewTree): string[] {
  return [...files].flatMap(([path, text]) => {
    const own = viewOf(path);
    if (own === undefined || !/\.tsx?$/.test(path)) return [];
    return importsOf(path, text)
      .filter(({ target }) => {
        const isOther = (viewOf(target) ?? own) !== own;
        return isOther || /^src\/ui\/(?!kit\/|views\/)/.test(target);
      })
      .map(({ target }) => `${path} imports ${target}`);
  });
}
