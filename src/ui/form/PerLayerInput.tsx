import type { Slot } from '../../config/experiment.ts';
import { isMoeLayer } from '../../config/layers.ts';
import type { StructuredSetting } from '../../config/settings.ts';
import { checkValue } from '../../config/values.ts';
import { CloseIcon } from '../kit/icons.tsx';
import type { InputProps } from '../kit/inputProps.ts';
import { useConfig } from '../kit/useLab.tsx';
import { describeSlots } from '../kit/values.ts';
import { SlotList } from './SlotsInput.tsx';

/** Expert spaces of single layers; all others have the common one. */
export function PerLayerInput({ setting, id, change }: InputProps<StructuredSetting>) {
  const { model, experts } = useConfig((s) => s.experiment);
  const own = experts.perLayer ?? {};
  const common = Array.from({ length: model.L }, (_, l) => l).filter(
    (l) => isMoeLayer(model, l) && !Object.hasOwn(own, String(l)),
  );

  function replace(next: Readonly<Record<string, readonly Slot[]>>): void {
    const checked = checkValue(setting, Object.keys(next).length === 0 ? null : next);
    if (checked.ok) change(checked.value);
  }

  return (
    <div className="per-layer">
      {Object.entries(own).map(([layer, slots]) => (
        <details key={layer}>
          <summary className="num">
            Layer {layer}: {describeSlots(slots)}
            <button
              type="button"
              className="btn quiet icon small"
              aria-label={`Give layer ${layer} the common expert space`}
              onClick={() =>
                replace(Object.fromEntries(Object.entries(own).filter(([l]) => l !== layer)))
              }
            >
              <CloseIcon />
            </button>
          </summary>
          <SlotList
            id={`${id}${layer}`}
            label={`Expert space of layer ${layer}`}
            slots={slots}
            change={(next) => replace({ ...own, [layer]: next })}
          />
        </details>
      ))}
      <select
        id={id}
        className="select"
        value=""
        disabled={common.length === 0}
        onChange={(event) => replace({ ...own, [event.target.value]: experts.slots })}
      >
        <option value="">Give a layer its own…</option>
        {common.map((l) => (
          <option key={l} value={l}>
            Layer {l}
          </option>
        ))}
      </select>
    </div>
  );
}
