import { SUBJECT_FIELDS, type SubjectFields } from '../../../state/looks/subjectFields.ts';
import type { View } from '../view.ts';

export const view: View<SubjectFields> = {
  id: 'subject',
  title: 'What is looked at',
  about: {
    label: 'Model, text and comparison',
    meaning:
      'All instruments look at the same: one model at one step, on one text, beside another model on the same tokens if you like. A run that trains is looked at again every few seconds; its training stays as it is, bit for bit.',
  },
  needs: {},
  rows: 18,
  fields: SUBJECT_FIELDS,
  load: () => import('./Panel.tsx'),
};
