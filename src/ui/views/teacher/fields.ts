import type { Field, Fields } from '../../../state/fields.ts';

export interface TeacherFields {
  /** What was set of the next conversion, as `readSettings` takes it. */
  settings: string;
}

const check = (value: unknown) =>
  typeof value === 'string' && /^[\w.,:~-]*$/.test(value) ? value : undefined;

const settings: Field<string> = {
  default: '',
  home: 'both',
  check,
  write: (value) => value,
  read: check,
};

export const TEACHER_FIELDS: Fields<TeacherFields> = { settings };
