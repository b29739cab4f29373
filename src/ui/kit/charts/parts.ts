import { useMemo } from 'react';
import { describePart, type Part, PROGRAMS, partsOf } from '../../../analysis/seams.ts';
import { useHead, useSource } from '../place.ts';
import type { Marker } from './Crosshair.tsx';

/** Parts of the shown run's line, where several programs trained it. */
export function useParts(lastStep: number): readonly Part[] {
  const { seams } = useHead(useSource());
  return useMemo(() => partsOf(seams ?? [], lastStep), [seams, lastStep]);
}

/** A marker where one part ends and the next begins. */
export function seamMarkers(parts: readonly Part[]): Marker[] {
  return parts.slice(1).map(({ first, by }) => {
    return { step: first, title: `From step ${first}: trained in ${PROGRAMS[by]}`, kind: 'seam' };
  });
}

/** "; steps 41 to 140 in PyTorch" of the part at a place; nothing where one program trained all. */
export function readPart(parts: readonly Part[], place: number): string {
  const part = parts.find(({ first, last }) => first <= place && place <= last);
  return part === undefined ? '' : `; ${describePart(part)}`;
}
