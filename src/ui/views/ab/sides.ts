/** What side B may be, and what keeps it from being opened beside side A. */
import { unlikeBatches } from '../../../analysis/compare/pairs.ts';
import { checkConstraints } from '../../../config/constraints.ts';
import type { Experiment, Problem } from '../../../config/experiment.ts';
import { decodeLink } from '../../../config/permalink.ts';
import type { RunRow } from '../../../runs/record.ts';
import { tooLarge } from '../../../state/fits.ts';
import type { AdapterReport, OpenReport } from '../../../worker/api.ts';

/** Choices beside the ids of runs. */
export const FORM = 'form';
export const LINK = 'link';

export interface Side {
  name: string;
  experiment: Experiment;
  problems: readonly Problem[];
}

export interface Offered {
  /** The form's values as a run of their own. */
  form: Experiment;
  rows: readonly RunRow[];
  /** Text of the field for a link. */
  link: string;
}

/** The experiment of a choice; null where it has none. */
export function chosenSide(choice: string, { form, rows, link }: Offered): Side | null {
  if (choice === FORM) return { name: 'the form’s experiment', experiment: form, problems: [] };
  if (choice === LINK) {
    if (link.trim() === '') return null;
    return { name: 'the link’s experiment', ...decodeLink(link) };
  }
  const row = rows.find(({ id }) => id === choice);
  if (row === undefined || row.experiment === null) return null;
  return { name: row.name, experiment: row.experiment, problems: [] };
}

/** Why a side cannot be opened beside A, a sentence each; none where it may. */
export function refusals(
  a: Experiment,
  { experiment, problems }: Side,
  device: { adapter: AdapterReport | null; report: OpenReport | null },
): string[] {
  const broken = [...problems, ...checkConstraints(experiment)]
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
  const large = tooLarge(experiment, device.adapter, device.report);
  return [...broken, ...unlikeBatches(a, experiment), ...(large === null ? [] : [large.message])];
}
