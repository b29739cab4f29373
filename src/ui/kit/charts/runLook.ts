/** How the lines of a run look: by its place in the palette, which stays with it. */
import { KEPT_COLORS } from '../../../state/keptRuns.ts';

/** Dashes that colours are told apart by once all of them are taken, as SVG writes them. */
export const RUN_DASHES = ['', '7 3', '2 3', '8 3 2 3'] as const;

/** CSS colour of a place in the palette. */
export function runColor(place: number): string {
  return `var(--run-${(place % KEPT_COLORS) + 1})`;
}

/** Dash of a place in the palette; '' for a solid line. */
export function runDash(place: number): string {
  return RUN_DASHES[Math.floor(place / KEPT_COLORS) % RUN_DASHES.length] ?? '';
}
