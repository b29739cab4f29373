import type { LayerPolicy } from '../../config/experiment.ts';
import { isMoeLayer } from '../../config/layers.ts';
import type { StructuredSetting } from '../../config/settings.ts';
import { checkValue } from '../../config/values.ts';
import type { InputProps } from '../kit/inputProps.ts';
import { useConfig } from '../kit/useLab.tsx';
import { WholeNumber } from '../kit/WholeNumber.tsx';

const KINDS = ['top-1', 'top-2', 'top-3', 'dynamic'] as const;
const START = { alpha: 0.7, beta: 0.4 } as const;

function policyOfKind(kind: string): LayerPolicy {
  const found = KINDS.find((name) => name === kind) ?? 'top-2';
  return found === 'dynamic' ? { kind: found, ...START } : { kind: found };
}

/** How many experts each layer gives a token, and the thresholds of dynamic layers. */
export default function PolicyInput({ setting, id, change }: InputProps<StructuredSetting>) {
  const { model, router } = useConfig((s) => s.experiment);
  const policies = Array.from({ length: model.L }, (_, l) =>
    isMoeLayer(model, l) ? (router.policy?.[l] ?? policyOfKind('top-2')) : null,
  );
  function replace(l: number, policy: LayerPolicy): void {
    const checked = checkValue(
      setting,
      policies.map((old, i) => (i === l ? policy : old)),
    );
    if (checked.ok) change(checked.value);
  }
  return (
    <ol className="policy">
      {policies.map((policy, l) =>
        policy === null ? null : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its index
          <li key={l}>
            <span className="num muted">L{l}</span>
            <select
              {...(l === 0 ? { id } : {})}
              className="select"
              aria-label={`Policy of layer ${l}`}
              value={policy.kind}
              onChange={(event) => replace(l, policyOfKind(event.target.value))}
            >
              {KINDS.map((kind) => (
                <option key={kind}>{kind}</option>
              ))}
            </select>
            {policy.kind === 'dynamic' && (
              <>
                <WholeNumber
                  isFloat
                  label={`α of layer ${l}: top-1 at or above`}
                  value={policy.alpha}
                  min={0}
                  max={1}
                  change={(alpha) => replace(l, { ...policy, alpha })}
                />
                <WholeNumber
                  isFloat
                  label={`β of layer ${l}: top-3 at or below`}
                  value={policy.beta}
                  min={0}
                  max={1}
                  change={(beta) => replace(l, { ...policy, beta })}
                />
              </>
            )}
          </li>
        ),
      )}
    </ol>
  );
}
