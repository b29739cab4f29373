/** Where `npm run recipe` and `npm run sweep` write what they find: a file per unit, and one of them all. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './workFiles.ts';

export const asText = (value: unknown) => `${JSON.stringify(value)}\n`;

/**
 * A file of results.
 * @throws Error that names the file and what is wrong with it
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} is no JSON: ${reason}`);
  }
}

export class ResultFolder {
  readonly #folder: string;

  /** @param out folder of all results; @param name of the recipe or sweep */
  constructor(out: string, name: string) {
    this.#folder = join(out, name);
  }

  async read(unit: string): Promise<unknown> {
    return readJson(join(this.#folder, `${unit}.json`)).catch(() => null);
  }

  write(unit: string, value: unknown): Promise<void> {
    return writeWhole(join(this.#folder, `${unit}.json`), asText(value));
  }

  /** What every unit's file holds, in order of their names. */
  async all(): Promise<unknown[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = names.filter((name) => name.endsWith('.json')).sort();
    return Promise.all(files.map((name) => readJson(join(this.#folder, name))));
  }

  /** The file of them all, beside the folder. */
  writeAll(value: unknown): Promise<void> {
    return writeWhole(`${this.#folder}.json`, asText(value));
  }
}
