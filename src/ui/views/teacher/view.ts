import type { View } from '../view.ts';
import { TEACHER_FIELDS, type TeacherFields } from './fields.ts';

export const view: View<TeacherFields> = {
  id: 'teacher',
  title: 'Teacher and settings',
  needs: {},
  rows: 60,
  fields: TEACHER_FIELDS,
  load: () => import('./Panel.tsx'),
};
