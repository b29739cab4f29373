import type { ReactNode } from 'react';
import type { FigureRequest } from '../../analysis/figures.ts';
import { Sides } from './figure/Sides.tsx';
import type { AskState } from './useAsked.ts';

/** Passes that were made, of all. */
function Progress({ of: [done, total], name }: { of: readonly [number, number]; name: string }) {
  const text = total === 0 ? 'a pass without changes first' : `pass ${done} of ${total}`;
  return (
    <p className="empty" aria-live="polite">
      <progress aria-label={name} max={total || 1} value={total === 0 ? undefined : done} />
      {text}
    </p>
  );
}

/** What every side answered to a question; how far it is, or what keeps it from answering. */
export function AskedSides<R extends FigureRequest>({
  of,
  name,
  invitation,
  children,
}: {
  of: readonly AskState<R>[];
  /** Of the progress. */
  name: string;
  /** In the place of what was not asked yet. */
  invitation: string;
  children: (asked: NonNullable<AskState<R>['asked']>) => ReactNode;
}) {
  return (
    <Sides of={of.map((state) => ({ ...state.side, state }))}>
      {({ state: { progress, asked, problem } }) => {
        if (progress !== null) return <Progress of={progress} name={name} />;
        if (problem !== null) return <p className="empty">{problem}</p>;
        return asked === null ? <p className="empty">{invitation}</p> : children(asked);
      }}
    </Sides>
  );
}
