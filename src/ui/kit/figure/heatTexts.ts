/** Which numbers of a heat map are written. */
import { formatTight } from './formats.ts';
import {
  type CellText,
  type HeatCells,
  type HeatGrid,
  type HeatPaths,
  heatValues,
} from './heat.ts';
import { numberWidth } from './numberSize.ts';

/** The numbers without zeros where larger ones have no room: zeros alone would read as all there is. */
export function shownTexts(
  { texts, numbers }: HeatPaths,
  cells: HeatCells,
  grid: HeatGrid,
): readonly CellText[] {
  if (texts.length === 0) return texts;
  for (const value of heatValues(cells))
    if (numberWidth(formatTight(value, cells.format), numbers) > grid.cell.width)
      return texts.filter(({ text }) => text !== '0');
  return texts;
}
