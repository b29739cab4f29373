/** The conversion room as a person uses it, for tests in a real browser. */
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';

export const SLOW = { timeout: 120_000 };

/** What of a stored conversion does not depend on when it was made. */
export interface StoredConversion {
  id: string;
  digest: string | null;
  layers: { layer: number; status: string; seeds: { step: number; mse: number | null }[] }[];
  students: { choice: object; ce: number; perDomain: object }[];
  /** SHA-256 of every part by name. */
  parts: Record<string, string>;
}

/** All conversions, the one that was begun last first, read past the page. */
export function storedConversions(page: Page): Promise<StoredConversion[]> {
  return page.evaluate(async () => {
    // To open a database that is not there would make one without tables.
    const known = await indexedDB.databases();
    if (!known.some(({ name }) => name === 'switchyard.runs')) return [];
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('switchyard.runs');
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(request.result);
    });
    const all = <T>(ask: (store: IDBObjectStore) => IDBRequest<T>, name: string) =>
      new Promise<T>((resolve, reject) => {
        const request = ask(database.transaction(name).objectStore(name));
        request.onerror = () => reject(request.error);
        request.onsuccess = () => resolve(request.result);
      });
    const records = await all((store) => store.getAll(), 'conversions');
    const keys = await all((store) => store.getAllKeys(), 'conversionParts');
    const pieces = await all((store) => store.getAll(), 'conversionParts');
    database.close();
    const parts = new Map<string, Record<string, string>>();
    for (const [i, key] of keys.entries()) {
      const [id, name, piece] = key as unknown as [string, string, number];
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', pieces[i] as BufferSource));
      const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
      parts.set(id, { ...parts.get(id), [`${name} ${piece}`]: hex });
    }
    return records
      .map(({ state }) => state)
      .sort((a, b) => b.begunAt - a.begunAt)
      .map(({ id, digest, layers, students }) => ({
        ...{ id, digest, layers, students },
        parts: parts.get(id) ?? {},
      }));
  });
}

export const region = (page: Page, name: string): Locator =>
  page.getByRole('region', { name, exact: true });
export const board = (page: Page): Locator => region(page, 'Board of layers');

export async function toConvert(page: Page): Promise<void> {
  await page.locator('nav.rooms').getByRole('button', { name: 'Convert' }).click();
}

/** Trains the dense model of the form to its end, and goes to the room. */
export async function trainTeacher(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start' }).click();
  await toConvert(page);
  await page.getByText('Finished', { exact: true }).waitFor(SLOW);
}

/** Begins a conversion of the teacher that is chosen, under the settings of the address. */
export async function convert(page: Page): Promise<void> {
  const teacher = region(page, 'Teacher and settings');
  await teacher.getByRole('button', { name: 'Convert', exact: true }).click(SLOW);
}

/** Waits until so many layers are converted, all students are measured, and nothing computes. */
export async function untilMeasured(page: Page, layers: number): Promise<void> {
  await board(page)
    .getByText(new RegExp(`^${layers} layers of ${layers} converted .* Loss `))
    .waitFor(SLOW);
  await expect.poll(() => board(page).getByRole('progressbar').count(), SLOW).toBe(0);
}

/** Kills the page's process, its worker's with it. */
export async function killPage(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}

/** A file dropped on an element. */
export async function dropFile(target: Locator, name: string, bytes: Buffer): Promise<void> {
  const transfer = await target.page().evaluateHandle(
    ([file, base64]) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], file));
      return data;
    },
    [name, bytes.toString('base64')] as const,
  );
  await target.dispatchEvent('drop', { dataTransfer: transfer });
}
