import { useMemo } from 'react';
import type { FigureTensor } from '../../analysis/figures/figure.ts';
import { liftOf, specialisationOf } from '../../analysis/figures/groups.ts';
import type { GroupTensors } from './GroupMatrix.tsx';

/**
 * What a matrix of groups shows, of assignments [groups, R] and tokens [groups]; null without a layer.
 */
export function useGroupTensors(
  counts: FigureTensor | undefined,
  tokens: FigureTensor,
): GroupTensors | null {
  return useMemo(() => {
    if (counts === undefined) return null;
    const specialisation = specialisationOf(counts, tokens.data);
    return { counts, specialisation, lift: liftOf(counts, tokens.data) };
  }, [counts, tokens]);
}
