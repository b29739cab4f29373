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

/** Part of the numbers other than 0 that must have room for any to be written. */
const MOST = 0.8;

/**
 * The numbers, where most have room: some alone would read as all there is. Without zeros where another one
 * has none.
 */
export function shownTexts(
  { texts, numbers }: HeatPaths,
  cells: HeatCells,
  grid: HeatGrid,
): readonly CellText[] {
  if (texts.length === 0) return texts;
  const others = [...heatValues(cells)]
    .filter((value) => Number.isFinite(value))
    .map((value) => formatTight(value, cells.format))
    .filter((text) => text !== '0');
  const fitting = others.filter((text) => numberWidth(text, numbers) <= grid.cell.width).length;
  if (fitting === others.length) return texts;
  return fitting < MOST * others.length ? [] : texts.filter(({ text }) => text !== '0');
}
