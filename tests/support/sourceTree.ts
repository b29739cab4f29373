/** The project's source as data: files, their imports, and what they reach. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** What the import names, as a path from the project's root for local files. */
  target: string;
  isLocal: boolean;
  isTypeOnly: boolean;
  /** Whether it is loaded when the code comes to it, not before. */
  isDynamic: boolean;
  /** A worker that the file starts: it runs, but its code is not the file's to use. */
  isWorker: boolean;
}

/**
 * Paths from the project's root of all files under `folder` that end in one of `endings`; installed
 * packages are left out.
 */
export function filesUnder(folder: string, ...endings: string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length).replaceAll('\\', '/'))
    .filter((path) => !path.includes('/node_modules/'))
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const STATEMENT =
  /^\s*(import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'|import\('([^']+)'\)|new URL\('([^']+\.ts)', import\.meta\.url\)/gm;

/** Static, dynamic and worker imports of a TypeScript file; `text` is what stands in it. */
export function importsOf(path: string, text = textOf(path)): Import[] {
  return [...text.matchAll(STATEMENT)].map(([, , typeOnly, from, dynamic, address]) => {
    const target = (from ?? dynamic ?? address ?? '').replace(/\?\w+$/, '');
    const isLocal = target.startsWith('.');
    return {
      target: isLocal ? join(dirname(path), target).replaceAll('\\', '/') : target,
      isLocal,
      isTypeOnly: typeOnly !== undefined,
      isDynamic: dynamic !== undefined,
      isWorker: address !== undefined,
    };
  });
}

/**
 * Every file that runs when `entries` run, with one chain of imports that leads to it.
 * @param isAtOnce leaves out what is loaded later
 */
export function reachable(entries: readonly string[], isAtOnce = false): Map<string, string[]> {
  const chains = new Map(entries.map((entry) => [entry, [entry]]));
  for (const [path, chain] of chains) {
    if (!/\.tsx?$/.test(path) || !existsSync(join(root, path))) continue;
    for (const { target, isTypeOnly, isDynamic, isWorker } of importsOf(path)) {
      if (isTypeOnly || (isAtOnce && (isDynamic || isWorker))) continue;
      if (!chains.has(target)) chains.set(target, [...chain, target]);
    }
  }
  return chains;
}

/** Groups of nodes of a graph that all lead to each other, by the shortest name first. */
export function circles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const reach = new Map([...edges.keys()].map((start) => [start, reachedFrom(edges, start)]));
  const groups = new Set<string>();
  for (const [node, reached] of reach) {
    if (!reached.has(node)) continue;
    const group = [...reached].filter((other) => reach.get(other)?.has(node));
    groups.add(group.sort().join(' ↔ '));
  }
  return [...groups].map((group) => group.split(' ↔ '));
}

/** Nodes that edges lead to from `start`; itself where there is a way back. */
function reachedFrom(edges: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const reached = new Set(edges.get(start) ?? []);
  for (const node of reached) for (const next of edges.get(node) ?? []) reached.add(next);
  return reached;
}
