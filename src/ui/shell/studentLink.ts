/** The link of a run that a conversion made. Loaded when such a run is shared. */
import { counted } from '../../config/plural.ts';
import { createConversions } from '../../state/conversion/conversions.ts';
import type { Lab } from '../../state/lab.ts';
import { addressWith } from '../kit/address.ts';

export interface StudentLink {
  /** Null where no link can make it again. */
  href: string | null;
  /** What the link holds and what not, or why there is none. */
  says: string;
}

/** The link of the open run by the conversion that made it; null for any other run. */
export async function studentLink({ library, run, conversions }: Lab): Promise<StudentLink | null> {
  const { recording, metrics } = run.getState();
  const row = library.getState().rows.find(({ id }) => id === recording?.id);
  if (row?.conversion === undefined) return null;
  const { id, layers, student = { layers } } = row.conversion;
  const store = conversions(createConversions);
  const fragment = await store.getState().link(id, student);
  if (fragment === null)
    return {
      href: null,
      says: `No link makes this student again: ${store.getState().failure ?? ''} Share a file instead.`,
    };
  const steps = metrics.length;
  const left = steps === 0 ? '' : ` The ${counted(steps, 'step')} since then are not in it.`;
  return {
    href: addressWith(fragment),
    says: `It trains the teacher, converts it and makes the student.${left}`,
  };
}
