import { type ReactNode, useDeferredValue } from 'react';
import type { FigureRequest } from '../../analysis/figures.ts';
import { formatCount } from './format.ts';
import type { SideFigures } from './instruments.ts';
import { LookLayerPicker } from './LookLayerPicker.tsx';
import { type Answered, LookSides } from './LookSides.tsx';
import { lookNote } from './lookWords.ts';
import { PanelFrame } from './PanelFrame.tsx';

/** The frame of a view that looks at models: layer, step, and the figures of every side. */
export function LookPanel<R extends readonly FigureRequest[]>({
  className,
  sides,
  moe = false,
  controls,
  children,
}: {
  className: string;
  sides: readonly SideFigures<R>[];
  /** Whether nothing is shown of a model without MoE layers. */
  moe?: boolean;
  /** What is chosen for all sides, above them. */
  controls?: ReactNode;
  children: (answered: Answered<R>) => ReactNode;
}) {
  // Drawn bit by bit, between what a person does.
  const shown = useDeferredValue(sides);
  const look = shown[0]?.look ?? null;
  return (
    <PanelFrame
      className={className}
      beside={<LookLayerPicker look={look} />}
      sub={look === null ? '' : `step ${formatCount(look.step)}${lookNote(shown)}`}
    >
      {controls}
      <LookSides of={shown} moe={moe}>
        {children}
      </LookSides>
    </PanelFrame>
  );
}
