import {
  SCALAR_COUNT,
  SCALARS,
  type ScalarName,
  type StepRecords,
  scalarColumn,
} from '../config/telemetry.ts';
import { StepTable } from './stepTable.ts';

export type { ScalarName } from '../config/telemetry.ts';

/** Every scalar of every step, one growable column per metric. */
export class MetricLog {
  readonly #table = new StepTable(SCALARS.length);

  get firstStep(): number {
    return this.#table.firstStep;
  }

  get length(): number {
    return this.#table.length;
  }

  /** Last step logged, `firstStep − 1` when empty. */
  get lastStep(): number {
    return this.#table.lastStep;
  }

  /** Values so far [length]: a view that is valid until the next `append`. */
  column(name: ScalarName): Float32Array {
    return this.#table.column(scalarColumn(name));
  }

  /** Value at a step, NaN outside of the log. */
  at(name: ScalarName, step: number): number {
    return this.#table.at(scalarColumn(name), step);
  }

  append({ firstStep, n, scalars }: StepRecords): void {
    this.#table.append(firstStep, n, (c, i) => scalars[i * SCALAR_COUNT + c]!);
  }
}
