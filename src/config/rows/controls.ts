/** Controls of the rows, in short. */
import type { Control } from '../settings.ts';

export const linear = (min: number, max: number): Control => ({
  type: 'slider',
  min,
  max,
  scale: 'linear',
});
export const log = (min: number, max: number): Control => ({
  type: 'slider',
  min,
  max,
  scale: 'log',
});
export const number: Control = { type: 'number' };
export const select: Control = { type: 'select' };
export const toggle: Control = { type: 'switch' };
export const editor: Control = { type: 'editor' };
export const none: Control = { type: 'none' };
