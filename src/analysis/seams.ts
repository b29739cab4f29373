/** Where a run went from one program to another: its curve is one line, of parts. */

/** Programs that train a run: this one, and the one that models are handed over to. */
export const PROGRAMS = { here: 'Switchyard', pytorch: 'PyTorch' } as const;
export type Program = keyof typeof PROGRAMS;

/** After `step` steps, `by` trained on. */
export interface Seam {
  step: number;
  by: Program;
}

/** Steps that one program trained, both included. */
export interface Part {
  first: number;
  last: number;
  by: Program;
}

/** The parts of a run up to its last step; none of a run without seams. */
export function partsOf(seams: readonly Seam[], lastStep: number): Part[] {
  if (seams.length === 0) return [];
  const starts: readonly Seam[] = [{ step: 0, by: 'here' }, ...seams];
  return starts.flatMap(({ step, by }, i): Part | [] => {
    const last = Math.min(lastStep, starts[i + 1]?.step ?? lastStep);
    return step < last ? { first: step + 1, last, by } : [];
  });
}

/** "steps 41 to 140 in PyTorch", "step 141 in Switchyard". */
export function describePart({ first, last, by }: Part): string {
  const number = (step: number) => step.toLocaleString('en');
  const steps =
    first === last ? `step ${number(first)}` : `steps ${number(first)} to ${number(last)}`;
  return `${steps} in ${PROGRAMS[by]}`;
}

/** Whether a run goes on from another one, or from another program: training from its start makes another. */
export function goesOnFrom(row: {
  parent: object | null;
  seams?: readonly Seam[] | undefined;
}): boolean {
  return row.parent !== null || row.seams !== undefined;
}

/** Step after which a run was trained by itself, here: its parent, or another program, took those before. */
export function ownStart({
  parent,
  seams = [],
}: {
  parent: { step: number } | null;
  seams?: readonly Seam[] | undefined;
}): number {
  const here = seams.flatMap(({ step, by }) => (by === 'here' ? step : []));
  return Math.max(parent?.step ?? 0, ...here);
}

/**
 * Whether a record holds no more than curves, as links, other programs and earlier versions brought them:
 * what is trained here would take their place.
 */
export function holdsCurvesAlone(row: {
  origin: string;
  experiment: object | null;
  text: object | null;
  adapter: object | null;
  checkpoints: readonly object[];
}): boolean {
  const isUnknown = row.text === null && row.adapter === null && row.checkpoints.length === 0;
  return row.experiment === null || row.origin === 'link' || isUnknown;
}
