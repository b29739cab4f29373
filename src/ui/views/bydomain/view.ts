import type { View } from '../view.ts';
import { type ByDomainFields, FIELDS } from './fields.ts';

export const view: View<ByDomainFields> = {
  id: 'bydomain',
  title: 'Experts by domain',
  about: {
    label: 'Experts by domain',
    meaning:
      'Which slots the tokens of each kind of text choose, on the text that is looked at, at one step; how much a slot tells about the domain; and how many slots of each kind a token of the domain chooses.',
    source: 'OLMoE, section 5; MoE++ Fig. 4, B to F; TC-MoE Fig. 10',
  },
  needs: {},
  rows: 90,
  fields: FIELDS,
  load: () => import('./Panel.tsx'),
};
