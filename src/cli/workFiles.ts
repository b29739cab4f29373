import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { digestOf } from '../recipes/canonical.ts';
import type { WorkStore } from '../train/recipes/workStore.ts';
import { writeOutput } from './outputFiles.ts';
import type { WorkArguments } from './recipeArguments.ts';

/** Writes a file whole or not at all, also where the process dies meanwhile; its folder is made. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeOutput(path, content);
}

/** Keeps unfinished work in a folder, a file for every key; keys are names of files. */
export function workFiles(folder: string): WorkStore {
  const path = (key: string) => join(folder, `${key}.work`);
  return {
    async get(key) {
      try {
        return deserialize(await readFile(path(key)));
      } catch {
        // There is none, or another version of Node wrote it: the work is done again.
        return undefined;
      }
    },
    put: (key, value) => writeWhole(path(key), serialize(value)),
    delete: (key) => rm(path(key), { force: true }),
    async keys() {
      const names = await readdir(folder).catch(() => []);
      return names.flatMap((name) => (name.endsWith('.work') ? [name.slice(0, -5)] : []));
    },
  };
}

/**
 * Keeps unfinished work of one shard of a command. Every command, and every other thing that it is asked
 * for, has a folder of its own: what one needs is no concern of another.
 * @param asked all that tells the call from others of its command, but for its shard
 */
export function commandFiles(
  command: 'recipe' | 'sweep',
  { out, shard }: Pick<WorkArguments, 'out' | 'shard'>,
  asked: unknown,
): WorkStore {
  const name = `${command}-${digestOf(asked)}-${shard.index}-of-${shard.of}`;
  return workFiles(join(out, '.work', name));
}
