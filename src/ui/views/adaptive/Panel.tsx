import { useMemo } from 'react';
import { previewPolicy } from '../../../config/ladimo.ts';
import { convertedLayers } from '../../../state/conversion/students.ts';
import type { ConversionState, MaxWeights } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { ConversionPanel } from '../../kit/ConversionPanel.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { Picker } from '../../kit/Picker.tsx';
import { useLab } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { type AdaptiveFields, type Chosen, chosen } from './fields.ts';
import { Against, PolicyByLayer } from './Table.tsx';
import { AllLayers, OneLayer, Spread } from './Weights.tsx';
import './adaptive.css';

interface Props extends Pick<ViewProps<AdaptiveFields>, 'set'> {
  state: ConversionState;
  value: Chosen;
}

const PARTS = [
  { name: 'pu', symbol: 'p_u', label: 'Part of sure weights, p_u' },
  { name: 'pe', symbol: 'p_e', label: 'Part of unsure weights, p_e' },
] as const;

function Controls({ state, value, set }: Props) {
  const store = useConversions();
  const { commands, view } = useLab();
  const busy = useConversion(isBusy);
  const shares = { pu: value.pu, pe: value.pe };
  async function use(): Promise<void> {
    const layers = convertedLayers(state);
    const id = await store.getState().assemble({ layers, policy: shares });
    if (id !== null && (await commands.goOn(id)))
      view.getState().say('The student with its adaptive router is the open run.');
  }
  return (
    <div className="adaptive-controls">
      {PARTS.map(({ name, symbol, label }) => (
        <span key={name} className="adaptive-part">
          <span aria-hidden="true">{symbol}</span>
          <WholeNumber
            isFloat
            label={label}
            value={value[name]}
            min={0}
            max={1}
            change={(part) => set({ [name]: part })}
          />
        </span>
      ))}
      <Button className="btn primary" isOff={busy} onClick={() => void use()}>
        Use this policy
      </Button>
      <Button className="btn" isOff={busy} onClick={() => void store.getState().policy(shares)}>
        Measure against top-1, 2, 3
      </Button>
    </div>
  );
}

function Choices({
  weights,
  value,
  set,
  layer,
}: Omit<Props, 'state'> & { weights: MaxWeights; layer: number }) {
  return (
    <div className="adaptive-controls">
      <span>Shown:</span>
      <Picker
        label="Layer"
        value={String(layer)}
        options={Object.fromEntries(
          weights.layers.map((one) => [String(one.layer), `layer ${one.layer}`]),
        )}
        choose={(name) => set({ layer: Number(name) })}
      />
      <Picker
        label="Domain"
        value={value.domain}
        options={{
          '': 'all tokens',
          ...Object.fromEntries(weights.domains.map(({ domain }) => [domain, domain])),
        }}
        choose={(domain) => set({ domain })}
      />
    </div>
  );
}

function Editor({ state, weights, ...props }: Props & { weights: MaxWeights }) {
  const { value, set } = props;
  const { pu, pe } = value;
  const preview = useMemo(
    () => previewPolicy(weights.layers, weights.N, { pu, pe }),
    [weights, pu, pe],
  );
  const runs = useMemo(
    () => [{ name: state.name, experiment: state.teacher.experiment }],
    [state.name, state.teacher],
  );
  const layer = weights.layers.some((one) => one.layer === value.layer)
    ? value.layer
    : (weights.layers[0]?.layer ?? 0);
  const measured = state.policies.at(-1);
  const all = { weights, preview, value, layer, set, runs };
  return (
    <>
      <Controls state={state} {...props} />
      <PolicyByLayer weights={weights} preview={preview} runs={runs} />
      <AllLayers {...all} />
      <Choices weights={weights} value={value} set={set} layer={layer} />
      <OneLayer {...all} />
      <Spread weights={weights} layer={layer} runs={runs} set={set} />
      {measured !== undefined && <Against result={measured} runs={runs} />}
    </>
  );
}

/** No weights yet: they are recorded by a press. */
function NoWeights() {
  const store = useConversions();
  const busy = useConversion(isBusy);
  return (
    <div className="empty adaptive-empty">
      <p>
        The policy follows from the largest routing weights of the student of all converted layers;
        none are recorded yet.
      </p>
      <Button className="btn" isOff={busy} onClick={() => void store.getState().profile()}>
        Record routing weights
      </Button>
    </div>
  );
}

/** How many experts each layer gives a token, by quantiles that a person moves. */
export default function PolicyPanel({ value, set }: ViewProps<AdaptiveFields>) {
  return (
    <ConversionPanel className="adaptive" needsConverted>
      {(state) =>
        state.weights === null ? (
          <NoWeights />
        ) : (
          <Editor
            state={state}
            weights={state.weights}
            value={chosen(value, state.settings.policy)}
            set={set}
          />
        )
      }
    </ConversionPanel>
  );
}
