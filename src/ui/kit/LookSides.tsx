import type { ReactNode } from 'react';
import type { FigureRequest } from '../../analysis/figures.ts';
import type { Look, ResultOf, Side } from '../../state/looks/looked.ts';
import { Sides } from './figure/Sides.tsx';
import type { SideFigures } from './instruments.ts';
import { NoExperts } from './NoExperts.tsx';

/** What a side answered, all of it. */
export interface Answered<R extends readonly FigureRequest[]> {
  side: Side;
  look: Look;
  results: { readonly [I in keyof R]: ResultOf<R[I]> };
}

/** The answers of a side; in words what keeps it from having them. */
export function answeredOf<R extends readonly FigureRequest[]>(
  of: SideFigures<R>,
): Answered<R> | string {
  const { side, look, problem } = of;
  if (problem !== null) return problem;
  const answers: readonly { result: unknown; refusal: string | null }[] = of.answers;
  const refused = answers.find(({ refusal }) => refusal !== null);
  if (refused?.refusal) return refused.refusal;
  const results = answers.map(({ result }) => result);
  if (look === null || results.includes(null)) return 'Looking at the text …';
  return { side, look, results: results as unknown as Answered<R>['results'] };
}

/** The sides that have their answers, those of models with MoE layers. */
export function allAnswered<R extends readonly FigureRequest[]>(
  of: readonly SideFigures<R>[],
): Answered<R>[] {
  const all = of.map(answeredOf).filter((answered) => typeof answered !== 'string');
  return all.filter(({ look }) => look.layers.length > 0);
}

/**
 * The figures of every side that has its answers; a sentence in the place of one that has not.
 * @param moe whether nothing is shown of a model without MoE layers
 */
export function LookSides<R extends readonly FigureRequest[]>({
  of,
  moe = false,
  children,
}: {
  of: readonly SideFigures<R>[];
  moe?: boolean;
  children: (answered: Answered<R>) => ReactNode;
}) {
  if (of.length === 0) return <p className="empty">Looking at the text …</p>;
  const shown = of.map((one) => ({ ...one.side, answered: answeredOf(one) }));
  return (
    <Sides of={shown}>
      {({ answered }) => {
        if (typeof answered === 'string') return <p className="empty">{answered}</p>;
        if (moe && answered.look.layers.length === 0) return <NoExperts />;
        return children(answered);
      }}
    </Sides>
  );
}
