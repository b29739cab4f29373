import type { ReactNode } from 'react';
import type { FigureTensor } from '../../analysis/figures/figure.ts';
import { Gradually } from './figure/Gradually.tsx';
import { GroupMatrix, type GroupMatrixProps } from './GroupMatrix.tsx';
import { useLookPlace } from './LookLayerPicker.tsx';
import { NoExperts } from './NoExperts.tsx';
import { useGroupTensors } from './useGroupTensors.ts';

interface GroupFiguresProps extends Omit<GroupMatrixProps, 'place' | 'tensors'> {
  className: string;
  /** Of every MoE layer its assignments by group and slot [groups, R], by place. */
  counts: readonly (FigureTensor | undefined)[];
  /** Tokens of each group [groups]. */
  tokens: FigureTensor;
  /** How hard the groups are: figures that a dense model has too. */
  losses: ReactNode;
  /** Figures before the matrix, and behind it, of the layer at a place. */
  before: (place: number) => ReactNode;
  behind: (place: number) => ReactNode;
}

/** Figures of tokens in groups: how hard each is, and which slots take it. */
export function GroupFigures(props: GroupFiguresProps) {
  const { className, counts, tokens, losses, before, behind, ...matrix } = props;
  const place = useLookPlace(matrix.look);
  const tensors = useGroupTensors(counts[place], tokens);
  return (
    <div className={className}>
      <Gradually>
        {losses}
        {tensors === null ? (
          <NoExperts />
        ) : (
          <Gradually>
            {before(place)}
            <GroupMatrix {...matrix} {...{ place, tensors }} />
            {behind(place)}
          </Gradually>
        )}
      </Gradually>
    </div>
  );
}
