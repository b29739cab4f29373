/** The files that a command is asked to write: looked at before its work, written whole after it. */
import { randomUUID } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { access, constants, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';

/** A file, and the words that name it in a message, `--out` for one. */
export interface NamedFile {
  name: string;
  path: string;
}

/** The same for all paths of one file, whether it is there yet or not. */
function identityOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(resolve(path));
  return join(existsSync(folder) ? realpathSync(folder) : folder, basename(path));
}

/** @throws RangeError for an output that names no file, or would replace an input or another output */
export function checkOutputs(outputs: readonly NamedFile[], inputs: readonly NamedFile[]): void {
  const taken = new Map(inputs.map(({ name, path }) => [identityOf(path), name]));
  for (const { name, path } of outputs) {
    if (path === '' || path.endsWith('/')) throw new RangeError(`${name} "${path}" names no file`);
    const identity = identityOf(path);
    const other = taken.get(identity);
    if (other !== undefined)
      throw new RangeError(`${name} ${path} is also ${other}; each needs a file of its own`);
    taken.set(identity, name);
  }
}

/** Where a file is made before it takes its place; null where bytes go in at once, as into a pipe. */
async function besideOf(path: string): Promise<{ target: string; beside: string } | null> {
  const there = await stat(path).catch(() => null);
  if (there !== null && !there.isFile()) return null;
  const target = there === null ? path : await realpath(path);
  // Processes on several machines may have one and the same number.
  return { target, beside: `${target}.${randomUUID()}.tmp` };
}

async function tryOut(path: string): Promise<void> {
  if (!existsSync(dirname(path))) throw new Error(`there is no folder ${dirname(path)}`);
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw new Error('it is a folder');
  if (there !== null) await access(path, constants.W_OK);
  const place = await besideOf(path);
  if (place === null) return;
  await writeFile(place.beside, '');
  await rm(place.beside);
}

/** @throws Error naming the first output that cannot be written */
export async function checkWritable(outputs: readonly NamedFile[]): Promise<void> {
  for (const { name, path } of outputs) {
    try {
      await tryOut(path);
    } catch (error) {
      throw new Error(`${name} ${path}: ${errorMessage(error)}`, { cause: error });
    }
  }
}

/** Writes a file whole or not at all: what was there stays until then. */
export async function writeOutput(
  path: string,
  content: Uint8Array | Iterable<string> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const place = await besideOf(path);
  if (place === null) return writeFile(path, content);
  try {
    await writeFile(place.beside, content);
    await rename(place.beside, place.target);
  } catch (error) {
    await rm(place.beside, { force: true });
    throw error;
  }
}

/** Work of which every part is worth doing, whatever becomes of the others. */
export class Attempts {
  readonly #io: CliIo;
  hasFailed = false;

  constructor(io: CliIo) {
    this.#io = io;
  }

  /** @returns null where it failed, which is said */
  async make<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.hasFailed = true;
      this.#io.stderr(`error: ${name}: ${errorMessage(error)}\n`);
      return null;
    }
  }
}
