import { useMemo } from 'react';
import { figureData } from '../../../recipes/figures.ts';
import type { FigureSpec, Recipe } from '../../../recipes/recipe.ts';
import type { RecipeResult } from '../../../recipes/result.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';

interface OwnFigureProps {
  recipe: Recipe;
  spec: FigureSpec;
  result: RecipeResult;
  runs: readonly FigureRun[];
}

/** A figure of a recipe over its seeds. */
export function OwnFigure({ spec, result }: OwnFigureProps) {
  const data = useMemo(() => figureData(spec, result), [spec, result]);
  return <p>{data.kind}</p>;
}
