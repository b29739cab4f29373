import { SUBJECT_FIELDS, type SubjectFields } from '../../../state/looks/subjectFields.ts';
import type { View } from '../view.ts';

export const view: View<SubjectFields> = {
  id: 'subject',
  title: 'What is looked at',
  needs: {},
  rows: 18,
  fields: SUBJECT_FIELDS,
  load: () => import('./Panel.tsx'),
};
