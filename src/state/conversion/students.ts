/** Students of a conversion: which one is chosen, and what was measured of it. */
import type { ConversionState, MeasuredStudent, StudentChoice } from '../../worker/api.ts';

/** The layers that are converted, rising. */
export function convertedLayers({ layers }: Pick<ConversionState, 'layers'>): number[] {
  return layers.filter(({ status }) => status === 'converted').map(({ layer }) => layer);
}

/** Whether all chosen layers are converted. */
export function isWhole({ layers }: Pick<ConversionState, 'layers'>): boolean {
  const chosen = layers.filter(({ isChosen }) => isChosen);
  return chosen.length > 0 && chosen.every(({ status }) => status === 'converted');
}

/**
 * The student that a person chose, of the layers that there are; where nobody did, the link's, else
 * that of all of them.
 */
export function studentOf(
  state: Pick<ConversionState, 'layers'> & Partial<Pick<ConversionState, 'student'>>,
  chosen: StudentChoice | null,
): StudentChoice {
  const converted = convertedLayers(state);
  const meant = chosen ?? state.student ?? null;
  if (meant === null) return { layers: converted };
  return { ...meant, layers: converted.filter((layer) => meant.layers.includes(layer)) };
}

const keyOf = ({ layers, seed, domain, policy, K }: StudentChoice) =>
  JSON.stringify([
    layers,
    seed ?? 0,
    domain ?? null,
    policy ? [policy.pu, policy.pe] : null,
    K ?? null,
  ]);

/** What was measured of a student; undefined where nothing was. */
export function measuredOf(
  { students }: Pick<ConversionState, 'students'>,
  choice: StudentChoice,
): MeasuredStudent | undefined {
  const key = keyOf(choice);
  return students.find((one) => keyOf(one.choice) === key);
}

/** Layers from one to the last that is converted: the assembly upward that begins with it. */
export function upward(converted: readonly number[], from: number): number[] {
  return converted.filter((layer) => layer >= from);
}

/** "none", "3", "2 to 5", "0, 2, 5" */
export function layerWords(layers: readonly number[]): string {
  const [first, last] = [layers[0], layers.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  if (layers.length === 1) return String(first);
  const isRun = last - first === layers.length - 1;
  return isRun ? `${first} to ${last}` : layers.join(', ');
}
