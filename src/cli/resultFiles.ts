/** Where `npm run recipe` and `npm run sweep` write what they find: a file per unit, and one of them all. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { show } from '../config/values.ts';
import { errorMessage } from '../train/session/errors.ts';
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
    throw new Error(`${path} is no JSON: ${errorMessage(error)}`);
  }
}

/** Fields that a unit's result must have to be of what is run; the first that differs is told. */
export type Ground = Readonly<Record<string, string | number>>;

/** Name of the first field in which something is not of a ground; undefined for what is. */
export function differsIn(json: unknown, ground: Ground): string | undefined {
  const held = json as Record<string, unknown> | null;
  return Object.keys(ground).find((name) => held?.[name] !== ground[name]);
}

/** What a file holds; null where there is none, or one that was cut. @throws Error for one that cannot be read */
async function heldBy(path: string): Promise<unknown> {
  try {
    return await readJson(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ENOENT') return null;
    throw error;
  }
}

export class ResultFolder {
  readonly #folder: string;

  /** @param out folder of all results; @param name of the recipe or sweep */
  constructor(out: string, name: string) {
    this.#folder = join(out, name);
  }

  /**
   * What a unit's file holds; null where there is none, or one that was cut.
   * @throws Error where it holds a result of another ground, which would be overwritten
   */
  async read(unit: string, ground: Ground): Promise<unknown> {
    const path = join(this.#folder, `${unit}.json`);
    const held = await heldBy(path);
    if (held === null) return null;
    const name = differsIn(held, ground);
    if (name === undefined) return held;
    const [there, wanted] = [show((held as Record<string, unknown>)[name]), show(ground[name])];
    throw new Error(
      `${path} would be overwritten: its ${name} is ${there}, that of this call ${wanted}; choose another --out, or delete the file`,
    );
  }

  write(unit: string, value: unknown): Promise<void> {
    return writeWhole(join(this.#folder, `${unit}.json`), asText(value));
  }

  async #names(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.filter((name) => name.endsWith('.json')).sort();
  }

  /**
   * Writes the file of them all, beside the folder; again where another process added a unit meanwhile.
   * @param unitOf what a unit's file holds; null for one that is not of these
   * @param say hears of files that cannot be read, which are left out
   */
  async writeAll<T>(
    unitOf: (json: unknown) => T | null,
    merged: (units: T[]) => unknown,
    say: (text: string) => void,
  ): Promise<void> {
    const read = async (name: string) => {
      try {
        return unitOf(await readJson(join(this.#folder, name)));
      } catch (error) {
        say(`${join(this.#folder, name)} is left out: ${errorMessage(error)}\n`);
        return null;
      }
    };
    let names = await this.#names();
    for (;;) {
      const units = (await Promise.all(names.map(read))).filter((unit) => unit !== null);
      await writeWhole(`${this.#folder}.json`, asText(merged(units)));
      const now = await this.#names();
      if (now.join('/') === names.join('/')) return;
      names = now;
    }
  }
}
