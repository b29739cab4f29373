/** What keys do on a chart that has the focus. */
export const CHART_KEYS: readonly { keys: readonly string[]; label: string; text: string }[] = [
  {
    keys: ['ArrowLeft', 'ArrowRight'],
    label: '← →',
    text: 'Move the crosshair of a focused chart; with Shift by 10 steps',
  },
  {
    keys: ['PageUp', 'PageDown', 'Home', 'End'],
    label: 'Page ↑ ↓ Home End',
    text: 'Move it far, or to the first or last step',
  },
  { keys: ['Enter'], label: 'Enter', text: 'Pin the step under it for all views' },
  { keys: ['Escape'], label: 'Esc', text: 'Reset the zoom of a focused chart' },
];
