/** Stretches of steps in which something is not as it should be, joined as they are seen. */

export type CheckId =
  | 'nonFinite'
  | 'assignments'
  | 'domains'
  | 'places'
  | 'dead'
  | 'dominant'
  | 'collapse'
  | 'drops'
  | 'aux'
  | 'gradient';

/** Something that was found: where, from which step to which, how far off, and what is allowed. */
export interface Finding {
  check: CheckId;
  layer: number | null;
  slot: number | null;
  /** Further name: of an auxiliary loss, of a scalar, of a cause. */
  of: string;
  first: number;
  /** Null: it goes on. */
  last: number | null;
  /** The value that was furthest off. */
  value: number;
  /** Least and most that is allowed. */
  allowed: readonly [least: number, most: number];
}

/** What a check says of some steps that follow those it spoke of before. */
export interface Seen extends Omit<Finding, 'last'> {
  last: number;
  isOff: boolean;
  /** What these steps count towards `needed`. */
  weight: number;
  /** From how much on a stretch is told. */
  needed: number;
}

/** Most stretches that are remembered after their end. */
const MOST_ENDED = 40;

interface Open {
  finding: Finding;
  weight: number;
  isTold: boolean;
}

const keyOf = ({ check, layer, slot, of }: Seen) => `${check} ${layer} ${slot} ${of}`;

const distance = (value: number, [least, most]: Finding['allowed']) =>
  Number.isNaN(value) ? Number.POSITIVE_INFINITY : Math.max(least - value, value - most);

export class Stretches {
  readonly #open = new Map<string, Open>();
  #ended: Finding[] = [];

  see(seen: Seen): void {
    const key = keyOf(seen);
    const open = this.#open.get(key);
    if (!seen.isOff) {
      if (open !== undefined) this.#end(key, open, seen.first);
      return;
    }
    const { check, layer, slot, of, first, value, allowed } = seen;
    const now = open ?? {
      finding: { check, layer, slot, of, first, last: null, value, allowed },
      weight: 0,
      isTold: false,
    };
    const isWorse = distance(value, allowed) > distance(now.finding.value, now.finding.allowed);
    const finding = isWorse ? { ...now.finding, value, allowed } : now.finding;
    const weight = now.weight + seen.weight;
    this.#open.set(key, { finding, weight, isTold: weight >= seen.needed });
  }

  /** Other slots stand in a layer from a step on: what was said of the old ones is over. */
  endLayer(layer: number, step: number): void {
    for (const [key, open] of [...this.#open])
      if (open.finding.layer === layer) this.#end(key, open, step);
  }

  #end(key: string, { finding, isTold }: Open, step: number): void {
    this.#open.delete(key);
    if (isTold) this.#ended = [...this.#ended, { ...finding, last: step - 1 }].slice(-MOST_ENDED);
  }

  /** All that is told, the latest first. */
  findings(): Finding[] {
    const open = [...this.#open.values()].filter(({ isTold }) => isTold);
    return [...open.map(({ finding }) => finding), ...this.#ended].sort(
      (a, b) => b.first - a.first,
    );
  }
}
