import { useState } from 'react';
import { isMoeLayer } from '../../config/layers.ts';
import type { StructuredSetting } from '../../config/settings.ts';
import type { InputProps } from '../kit/inputProps.ts';
import { useConfig } from '../kit/useLab.tsx';

/** A named pattern, or single layers to click. */
export function ArrangementInput({ setting, id, value, change }: InputProps<StructuredSetting>) {
  const model = useConfig((s) => s.experiment.model);
  const isList = Array.isArray(value);
  const [isPicking, setPicking] = useState(isList);
  const layers = Array.from({ length: model.L }, (_, l) => l);
  const moe = layers.filter((l) => isMoeLayer(model, l));
  return (
    <>
      <select
        id={id}
        className="select"
        value={isPicking || isList ? 'list' : String(value)}
        onChange={(event) => {
          setPicking(event.target.value === 'list');
          change(event.target.value === 'list' ? moe : event.target.value);
        }}
      >
        {setting.options?.map((option) => (
          <option key={option.value} value={option.value} title={option.help}>
            {option.label}
          </option>
        ))}
        <option value="list">Chosen layers</option>
      </select>
      {isList && (
        <fieldset className="layer-buttons">
          <legend className="visually-hidden">MoE layers</legend>
          {layers.map((l) => {
            const isMoe = moe.includes(l);
            return (
              <button
                key={l}
                type="button"
                className="btn small num"
                aria-pressed={isMoe}
                aria-label={`Layer ${l} is a MoE layer`}
                onClick={() =>
                  change(isMoe ? moe.filter((m) => m !== l) : [...moe, l].sort((a, b) => a - b))
                }
              >
                {l}
              </button>
            );
          })}
        </fieldset>
      )}
    </>
  );
}
