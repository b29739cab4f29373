import type { ReactNode } from 'react';
import type { FigureRequest } from '../../analysis/figures.ts';
import { Sides } from './figure/Sides.tsx';
import type { AskState } from './useAsked.ts';

interface AskedSidesProps<R extends FigureRequest> {
  of: readonly AskState<R>[];
  /** Of the progress. */
  name: string;
  /** In the place of what was not asked yet. */
  invitation: string;
  children: (asked: NonNullable<AskState<R>['asked']>) => ReactNode;
}

/** Passes that were made, of all. */
function Progress({ of: [done, total], name }: { of: readonly [number, number]; name: string }) {
  const text = total === 0 ? 'a pass without changes first' : `pass ${done} of ${total}`;
  return (
    <p className="empty">
      <progress aria-label={name} max={total || 1} value={total === 0 ? undefined : done} />
      {text}
    </p>
  );
}

/** What is read out by itself: that the passes begin, and that they end, but not each of them. */
function spoken<R extends FigureRequest>(
  { progress, asked, problem }: AskState<R>,
  name: string,
): string {
  if (progress !== null) return `${name}: being measured`;
  return problem === null && asked !== null ? `${name}: measured` : '';
}

/** What one side answered, or why it did not. */
function Answer<R extends FigureRequest>({
  of: { progress, asked, problem },
  name,
  invitation,
  children,
}: { of: AskState<R> } & Omit<AskedSidesProps<R>, 'of'>) {
  if (progress !== null) return <Progress of={progress} name={name} />;
  if (problem !== null)
    return (
      <p className="empty" role="alert">
        {problem}
      </p>
    );
  return asked === null ? <p className="empty">{invitation}</p> : children(asked);
}

/** What every side answered to a question; how far it is, or what keeps it from answering. */
export function AskedSides<R extends FigureRequest>({ of, ...props }: AskedSidesProps<R>) {
  return (
    <Sides of={of.map((state) => ({ ...state.side, state }))}>
      {({ state }) => (
        <>
          <p className="visually-hidden" role="status">
            {spoken(state, props.name)}
          </p>
          <Answer of={state} {...props} />
        </>
      )}
    </Sides>
  );
}
