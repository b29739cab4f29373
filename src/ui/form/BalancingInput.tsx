import type { BalanceConfig } from '../../config/auxTerms.ts';
import type { BiasRule, JsonValue, Pool } from '../../config/experiment.ts';
import { MAX_SLOTS, MAX_WINDOW, type StructuredSetting } from '../../config/settings.ts';
import { checkValue } from '../../config/values.ts';
import type { InputProps } from '../kit/inputProps.ts';
import { WholeNumber } from '../kit/WholeNumber.tsx';

type Props = InputProps<StructuredSetting>;

interface ChoiceProps {
  id?: string;
  label: string;
  value: string;
  /** Values with their labels. */
  options: readonly (readonly [value: string, label: string])[];
  change: (value: string) => void;
}

function Choice({ id, label, value, options, change }: ChoiceProps) {
  return (
    <select
      {...(id !== undefined && { id })}
      className="select"
      aria-label={label}
      value={value}
      onChange={(event) => change(event.target.value)}
    >
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  );
}

interface NumberProps {
  label: string;
  value: number;
  min?: number;
  max?: number;
  isFloat?: boolean;
  /** The row's value with another number in it. */
  of: (value: number) => JsonValue;
}

/** A number among a row's; the row says what it takes. */
function numberOf({ setting, change }: Props) {
  return ({ of, min = 0, max = 1e6, ...number }: NumberProps) => (
    <WholeNumber
      {...{ ...number, min, max }}
      refusal={(value) => {
        const checked = checkValue(setting, of(value));
        return checked.ok ? null : checked.message;
      }}
      change={(value) => change(of(value))}
    />
  );
}

/** Hands on what the row takes. */
function taken({ setting, change }: Props): (value: JsonValue) => void {
  return (value) => {
    const checked = checkValue(setting, value);
    if (checked.ok) change(checked.value);
  };
}

const RULES: Readonly<Record<BiasRule['kind'], BiasRule>> = {
  none: { kind: 'none' },
  sign: { kind: 'sign', rate: 0.001, centre: false },
  quantile: { kind: 'quantile', smoothing: 0 },
  budget: { kind: 'budget', rate: 0.001, computing: 1 },
};

function BiasRuleInput(props: Props) {
  const rule = props.value as unknown as BiasRule | null;
  const take = taken(props);
  const number = numberOf(props);
  return (
    <div className="number-row">
      <Choice
        id={props.id}
        label="Rule of the selection bias"
        value={rule?.kind ?? ''}
        options={[
          ['', 'no bias'],
          ['none', 'held'],
          ['sign', 'sign'],
          ['quantile', 'quantile'],
          ['budget', 'budget'],
        ]}
        change={(kind) => take(kind in RULES ? { ...RULES[kind as BiasRule['kind']] } : null)}
      />
      {(rule?.kind === 'sign' || rule?.kind === 'budget') &&
        number({
          ...{ label: 'Rate', value: rule.rate, isFloat: true },
          of: (rate) => ({ ...rule, rate }),
        })}
      {rule?.kind === 'sign' && (
        <label>
          <input
            type="checkbox"
            checked={rule.centre}
            onChange={(event) => take({ ...rule, centre: event.target.checked })}
          />
          centred
        </label>
      )}
      {rule?.kind === 'quantile' &&
        number({
          ...{ label: 'Smoothing', value: rule.smoothing, max: 1, isFloat: true },
          of: (smoothing) => ({ ...rule, smoothing }),
        })}
      {rule?.kind === 'budget' &&
        number({
          ...{ label: 'Computing slots per token', value: rule.computing },
          ...{ max: MAX_SLOTS, isFloat: true },
          of: (computing) => ({ ...rule, computing }),
        })}
    </div>
  );
}

const POOLS: Readonly<Record<string, Pool>> = {
  size: { size: 4, evaluation: null },
  drawn: { min: 2, max: 4, evaluation: null },
};

function PoolInput(props: Props) {
  const pool = props.value as unknown as Pool | null;
  const take = taken(props);
  const kind = pool === null ? '' : 'size' in pool ? 'size' : 'drawn';
  const field = numberOf(props);
  const number = (label: string, value: number, of: (value: number) => JsonValue) =>
    field({ label, value, of, min: 1, max: MAX_SLOTS });
  return (
    <div className="number-row">
      <Choice
        id={props.id}
        label="Pools"
        value={kind}
        options={[
          ['', 'none'],
          ['size', 'of one size'],
          ['drawn', 'of drawn size'],
        ]}
        change={(next) => take(POOLS[next] ? { ...POOLS[next] } : null)}
      />
      {pool !== null && 'size' in pool && number('Slots', pool.size, (size) => ({ ...pool, size }))}
      {pool !== null && 'min' in pool && (
        <>
          {number('Fewest slots', pool.min, (min) => ({ ...pool, min }))}
          {number('Most slots', pool.max, (max) => ({ ...pool, max }))}
        </>
      )}
      {pool !== null && (
        <label title="Not causal: the pool sees the whole sequence">
          <input
            type="checkbox"
            checked={pool.evaluation !== null}
            onChange={(event) =>
              take({ ...pool, evaluation: event.target.checked ? MAX_SLOTS : null })
            }
          />
          in evaluation (not causal)
        </label>
      )}
      {pool !== null &&
        pool.evaluation !== null &&
        number('Slots in evaluation', pool.evaluation, (evaluation) => ({
          ...pool,
          evaluation,
        }))}
    </div>
  );
}

/** The same loss over another scope; a window of 16 steps to begin with. */
function withScope(balance: BalanceConfig | null, scope: string): JsonValue {
  const { coefficient, counts } = balance ?? { coefficient: 0.01 };
  const rest = { coefficient, ...(counts && { counts }) };
  return scope === 'global' ? { ...rest, scope, window: 16 } : { ...rest, scope };
}

function BalanceInput(props: Props) {
  const balance = props.value as unknown as BalanceConfig | null;
  const take = taken(props);
  const number = numberOf(props);
  return (
    <div className="number-row">
      <Choice
        id={props.id}
        label="Scope of the balance loss"
        value={balance?.scope ?? ''}
        options={[
          ['', 'off'],
          ['sequence', 'per sequence'],
          ['batch', 'per batch'],
          ['global', 'over steps'],
        ]}
        change={(scope) => take(scope === '' ? null : withScope(balance, scope))}
      />
      {balance !== null && (
        <>
          {number({
            ...{ label: 'Coefficient', value: balance.coefficient, max: 1000, isFloat: true },
            of: (coefficient) => ({ ...balance, coefficient }),
          })}
          {balance.scope === 'global' &&
            number({
              ...{ label: 'Steps of the window', value: balance.window, min: 1, max: MAX_WINDOW },
              of: (window) => ({ ...balance, window }),
            })}
          <Choice
            label="Choices that are counted"
            value={balance.counts ?? 'selected'}
            options={[
              ['selected', 'as selected'],
              ['unbiased', 'without the bias'],
            ]}
            change={(counts) => take({ ...balance, counts })}
          />
        </>
      )}
    </div>
  );
}

/** Editors of the balancing lab's structured settings. */
export default function BalancingInput(props: Props) {
  if (props.setting.kind === 'biasRule') return <BiasRuleInput {...props} />;
  return props.setting.kind === 'pool' ? <PoolInput {...props} /> : <BalanceInput {...props} />;
}
