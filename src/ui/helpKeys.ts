import { COMMANDS } from './commands.ts';
import { CHART_KEYS } from './kit/charts/keys.ts';
import { FIGURE_KEYS } from './kit/figure/cursor.ts';

/** Rows of the help on keys: those of the whole page, then those of a chart and of a figure. */
export const HELP_KEYS: readonly { label: string; text: string }[] = [
  ...COMMANDS.flatMap(({ keys, title, note }) =>
    keys === undefined ? [] : [{ label: keys.label, text: note ? `${title}; ${note}` : title }],
  ),
  ...[...CHART_KEYS, ...FIGURE_KEYS].map(({ label, text }) => ({ label, text })),
];
