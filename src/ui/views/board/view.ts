import type { NoFields, View } from '../view.ts';

export const view: View<NoFields> = {
  id: 'board',
  title: 'Board of layers',
  needs: {},
  rows: 60,
  fields: {},
  load: () => import('./Panel.tsx'),
};
