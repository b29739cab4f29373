import type { View } from '../view.ts';
import { RECOVERY_FIELDS, type RecoveryFields } from './fields.ts';

export const view: View<RecoveryFields> = {
  id: 'recovery',
  title: 'Recovery of domains',
  needs: {},
  rows: 40,
  fields: RECOVERY_FIELDS,
  load: () => import('./Panel.tsx'),
};
