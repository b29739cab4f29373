/** Which run was forked from which. */
import type { RunRow } from '../../runs/record.ts';

export interface Descendant {
  row: RunRow;
  /** Step that it was forked at; 0 for the first of a family. */
  from: number;
  children: readonly Descendant[];
}

/** A first run with all that came of it. */
export interface Family {
  root: Descendant;
  /** Last step of any of them. */
  steps: number;
  size: number;
}

type Lineal = Pick<RunRow, 'id' | 'parent' | 'begunAt'>;

/** Whether a run is among those above another one; ends where a circle would close. */
function isAbove(id: string, row: Lineal, byId: ReadonlyMap<string, Lineal>): boolean {
  const seen = new Set<string>();
  for (let at: Lineal | undefined = row; at?.parent && !seen.has(at.id); ) {
    seen.add(at.id);
    if (at.parent.id === id) return true;
    at = byId.get(at.parent.id);
  }
  return false;
}

/**
 * Families of two runs or more, the latest first. A run whose parent is not there begins a family;
 * so does one of a circle, which a file may claim.
 */
export function familiesOf(rows: readonly RunRow[]): Family[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const children = new Map<string, RunRow[]>();
  const roots: RunRow[] = [];
  for (const row of rows) {
    const parent = row.parent === null ? undefined : byId.get(row.parent.id);
    const isChild = parent !== undefined && !isAbove(row.id, row, byId);
    if (isChild) children.set(parent.id, [...(children.get(parent.id) ?? []), row]);
    else roots.push(row);
  }
  const grow = (row: RunRow, from: number): Descendant => ({
    row,
    from,
    children: (children.get(row.id) ?? [])
      .sort((a, b) => (a.parent?.step ?? 0) - (b.parent?.step ?? 0) || a.begunAt - b.begunAt)
      .map((child) => grow(child, child.parent?.step ?? 0)),
  });
  return roots
    .filter(({ id }) => children.has(id))
    .map((row) => familyOf(grow(row, row.parent?.step ?? 0)));
}

function familyOf(root: Descendant): Family {
  const all = (at: Descendant): Descendant[] => [at, ...at.children.flatMap(all)];
  const members = all(root);
  return {
    root,
    size: members.length,
    steps: Math.max(1, ...members.map(({ row, from }) => Math.max(row.steps, from))),
  };
}

/** A run of a family as it is drawn: one row under the other, parents before what came of them. */
export interface Member {
  row: RunRow;
  from: number;
  /** Generations above it. */
  depth: number;
  /** Rows between its parent's and its own, that one included; 0 for the first. */
  rowsUp: number;
  parentName: string | null;
}

export function membersOf({ root }: Family): Member[] {
  const members: Member[] = [];
  const add = ({ row, from, children }: Descendant, parent: number, depth: number) => {
    const at = members.length;
    const parentName = members[parent]?.row.name ?? null;
    members.push({ row, from, depth, rowsUp: parent < 0 ? 0 : at - parent, parentName });
    for (const child of children) add(child, at, depth + 1);
  };
  add(root, -1, 0);
  return members;
}
