import type { SlotKind } from '../../../config/experiment.ts';
import { SLOT_KINDS } from '../../../config/slots.ts';
import { choice } from '../../../state/fields.ts';
import type { View } from '../view.ts';

export interface ByDomainFields {
  /** What the cells of the matrix are. */
  cells: 'lift' | 'specialisation' | 'counts';
  /** Whether kinds are counted per token or as parts of the assignments. */
  per: 'token' | 'assignment';
  /** The kind that is shown layer by layer. */
  kind: SlotKind;
}

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
  fields: {
    cells: choice(['lift', 'specialisation', 'counts'], 'lift', 'both'),
    per: choice(['token', 'assignment'], 'token', 'both'),
    kind: choice(SLOT_KINDS, 'ffn', 'both'),
  },
  load: () => import('./Panel.tsx'),
};
