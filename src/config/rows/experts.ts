/** Expert spaces. */
import { hasMoe } from '../conditions.ts';
import { MAX_HIDDEN, type Row } from '../settings.ts';
import { editor, linear } from './controls.ts';

export const experts: readonly Row[] = [
  {
    key: 'x',
    path: 'experts.slots',
    kind: 'slots',
    label: 'Expert space',
    symbol: 'R',
    help: 'The router slots in order: FFN experts with their widths, negated, zero, copy and constant slots.',
    source: 'MoDSE 7, 8; MoE++ 3–5; TC-MoE, section 3.2',
    group: 'experts',
    badge: 'newModel',
    control: editor,
    visibleWhen: hasMoe,
  },
  {
    key: 'xl',
    path: 'experts.perLayer',
    kind: 'perLayer',
    label: 'Expert space of single layers',
    help: 'Layers that have an expert space of their own, by layer index.',
    group: 'experts',
    badge: 'newModel',
    control: editor,
    visibleWhen: hasMoe,
  },
  {
    key: 'sh',
    path: 'experts.sharedHidden',
    kind: 'int',
    min: 0,
    max: MAX_HIDDEN,
    step: 1,
    label: 'Shared expert width',
    help: 'Hidden width of an expert that is always on and not gated; 0 for none.',
    formula: 'y = Σ g_i·E_i(m) + shared(m)',
    source: 'EqualRes, Table 5',
    unit: 'units',
    group: 'experts',
    badge: 'newModel',
    control: linear(0, 1024),
    visibleWhen: hasMoe,
  },
];
