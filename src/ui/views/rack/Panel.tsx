import { useRef } from 'react';
import type { Slot } from '../../../config/experiment.ts';
import { counted } from '../../../config/plural.ts';
import { MAX_SLOTS } from '../../../config/settings.ts';
import { planDifferences } from '../../kit/differences.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { formatCount } from '../../kit/format.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import type { ViewProps } from '../view.ts';
import { usualWidth } from './edits.ts';
import { RackSlots } from './RackSlots.tsx';
import { AddMenus, LayerChoice, RackHistory, RackModes } from './RackTools.tsx';
import { type RackView, useRackView } from './useRackView.ts';
import { RefusedEdit, SizeDelta, SizeLine, Waiting } from './Waiting.tsx';
import './rack.css';

function describeList(slots: readonly Slot[]): string {
  const widths = slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
  const total = widths.reduce((sum, width) => sum + width, 0);
  const experts = counted(widths.length, 'FFN expert');
  return `${counted(slots.length, 'slot')}, ${experts}, Σh ${formatCount(total)}`;
}

/** What the rack cannot change in a running model. */
function FixedNote({ view: { isOpen, settings } }: { view: RackView }) {
  const { sharedHidden } = settings.experts;
  if (!isOpen || sharedHidden === 0) return null;
  return (
    <p className="rack-note">
      The shared expert, {sharedHidden} wide, cannot change while the model runs: its width is among
      the settings, for a new model or a fork.
    </p>
  );
}

export const about: Explanation = {
  label: 'Expert rack',
  meaning:
    'One bar per slot: as wide as its hidden layer, filled as high as its measured load; the line across is the ideal load, so that the filled area is the work of the slot. While a run is open, edits change the running model: widening adds units whose output is zero, narrowing drops the units that weigh least, cloning copies weights and moments. Each is an event of the link and a mark on every chart.',
  formula: 'width ∝ h, height = load / ideal, 1× at the line',
  source: 'widths and pairs: MoDSE 7, 8; ∅ ⧉ c: MoE++; −E: TC-MoE',
};

/** The expert space: one bar per slot, to be changed by hand, also while the model trains. */
export default function RackPanel({ source }: ViewProps) {
  const frame = useRef<HTMLElement>(null);
  const view = useRackView(frame, source);
  const { isOpen, disabled, settings, experts, plan, drawn, draft, before, after, list } = view;
  return (
    <PanelFrame
      ref={frame}
      className="rack"
      beside={
        <>
          <LayerChoice settings={settings} experts={drawn.experts} />
          <span className={isOpen ? 'badge live' : 'badge'}>
            {isOpen ? 'changes the running model' : 'changes the settings'}
          </span>
        </>
      }
      tools={<RackHistory canUndo={view.canUndo} canRedo={view.canRedo} />}
    >
      <div className="rack-tools">
        <AddMenus
          slots={list.slots}
          width={usualWidth(list.slots)}
          isFull={list.slots.length >= MAX_SLOTS}
          disabled={disabled}
        />
        <RackModes isOpen={isOpen} />
      </div>
      <RackSlots view={view} />
      <p className="rack-sizes num">
        <SizeLine experts={describeList(list.slots)} sizes={after} />
        {draft !== null && <SizeDelta before={before} after={after} />}
      </p>
      <FixedNote view={view} />
      {plan !== null && (
        <Waiting differences={planDifferences(experts, plan)} before={before} after={after} />
      )}
      <RefusedEdit />
    </PanelFrame>
  );
}
