import { giveWay } from '../train/session/giveWay.ts';
import { type DamagedRun, type RunRow, readRow, storedName } from './record.ts';

/** What is looked at without a pause. */
const LOOK_MS = 10;

/** Reads rows as they are stored. One that is stored as it was before is not looked at again. */
export class StoredRows {
  readonly #known = new Map<string, { json: string; experiment: RunRow['experiment'] }>();

  /** @throws RangeError for a damaged row, with its name and the reason */
  read(id: string, stored: unknown): RunRow {
    try {
      return this.#read(id, stored);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const name = storedName(id, stored);
      throw new RangeError(`The record of "${name}" is damaged: ${reason}.`, { cause: error });
    }
  }

  /** All that can be read, and what is wrong with the others; frames have their turn. */
  async sorted(ids: readonly string[], stored: readonly unknown[]) {
    const rows: RunRow[] = [];
    const damaged: DamagedRun[] = [];
    let begun = performance.now();
    for (const [i, id] of ids.entries()) {
      try {
        rows.push(this.#read(id, stored[i]));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        damaged.push({ id, name: storedName(id, stored[i]), reason });
      }
      if (performance.now() - begun < LOOK_MS) continue;
      await giveWay();
      begun = performance.now();
    }
    return { rows, damaged };
  }

  #read(id: string, stored: unknown): RunRow {
    // Rows are JSON, but for a few numbers that are not finite.
    const json = JSON.stringify(stored);
    const known = this.#known.get(id);
    // As it was when it was found to be whole.
    if (known !== undefined && known.json === json)
      return { ...(stored as RunRow), experiment: known.experiment };
    this.#known.delete(id);
    const row = readRow(id, stored);
    this.#known.set(id, { json, experiment: row.experiment });
    return row;
  }
}
