import { type KeyboardEvent, useEffect, useState } from 'react';
import type { BoolSetting, Control, EnumSetting, NumberSetting } from '../../config/settings.ts';
import { checkValue } from '../../config/values.ts';
import { DiceIcon } from './icons.tsx';
import type { InputProps } from './inputProps.ts';
import { typedNumber } from './typedNumber.ts';

export function BoolInput({ id, value, change }: InputProps<BoolSetting>) {
  return (
    <input
      id={id}
      type="checkbox"
      role="switch"
      aria-checked={value === true}
      className="switch"
      checked={value === true}
      onChange={(event) => change(event.target.checked)}
    />
  );
}

export function EnumInput({ setting, id, value, wrong, change }: InputProps<EnumSetting>) {
  const chosen = setting.options.find((option) => option.value === value);
  return (
    <select
      id={id}
      className="select"
      value={String(value)}
      title={chosen?.help}
      aria-invalid={wrong !== undefined}
      aria-describedby={wrong}
      onChange={(event) => change(event.target.value)}
    >
      {setting.options.map((option) => (
        <option key={option.value} value={option.value} title={option.help}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

function numberText(value: unknown): string {
  if (typeof value !== 'number') return '';
  const size = Math.abs(value);
  return size !== 0 && size < 1e-4 ? value.toExponential().replace('e-', 'e-') : String(value);
}

interface NumberTextProps {
  id: string;
  setting: NumberSetting;
  value: number;
  describedBy: string;
  wrong: string | undefined;
  change: (value: number) => void;
}

/** Text field of a number: taken on Enter or when left; what is not allowed stays, with the reason. */
export function NumberText({ id, setting, value, describedBy, wrong, change }: NumberTextProps) {
  const [text, setText] = useState(numberText(value));
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText(numberText(value));
    setProblem(null);
  }, [value]);

  function commit(): void {
    const number = typedNumber(text);
    const checked = checkValue(setting, Number.isNaN(number) ? text : number);
    if (!checked.ok) {
      setProblem(checked.message);
      return;
    }
    setProblem(null);
    setText(numberText(number));
    if (number !== value) change(number);
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') commit();
    else if (event.key === 'Escape') {
      setText(numberText(value));
      setProblem(null);
    } else return;
    event.preventDefault();
  }

  return (
    <>
      <input
        id={id}
        className="input num"
        inputMode={
          setting.kind === 'float' || setting.kind === 'nullableFloat' ? 'decimal' : 'numeric'
        }
        autoComplete="off"
        spellCheck={false}
        value={text}
        aria-invalid={problem !== null || wrong !== undefined}
        aria-describedby={problem === null ? wrong : `${describedBy}p`}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={onKey}
      />
      {problem !== null && (
        <p className="field-error" id={`${describedBy}p`} role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

type SliderControl = Extract<Control, { type: 'slider' }>;
const SLIDER_STEPS = 200;

/** Two significant digits are enough for a slider. */
function rounded(value: number, setting: NumberSetting): number {
  const isWhole = setting.kind !== 'float' && setting.kind !== 'nullableFloat';
  const step = isWhole ? Math.max(1, setting.step ?? 1) : setting.step;
  if (step !== undefined) return Number((Math.round(value / step) * step).toPrecision(12));
  return Number(value.toPrecision(2));
}

function toSlider(value: number, { min, max, scale }: SliderControl): number {
  const at =
    scale === 'log' && value > 0
      ? Math.log(value / min) / Math.log(max / min)
      : (value - min) / (max - min);
  return Math.round(SLIDER_STEPS * Math.min(1, Math.max(0, at)));
}

function fromSlider(at: number, { min, max, scale }: SliderControl): number {
  const part = at / SLIDER_STEPS;
  return scale === 'log' ? min * (max / min) ** part : min + part * (max - min);
}

interface SliderProps {
  setting: NumberSetting;
  control: SliderControl;
  value: number;
  change: (value: number) => void;
}

/** Slider over the comfortable range; the value is taken when it is let go. */
function Slider({ setting, control, value, change }: SliderProps) {
  const [held, setHeld] = useState<number | null>(null);
  const shown = held === null ? value : rounded(fromSlider(held, control), setting);
  function release(): void {
    if (held === null) return;
    setHeld(null);
    change(rounded(fromSlider(held, control), setting));
  }
  return (
    <>
      <input
        type="range"
        className="range"
        aria-label={`${setting.label} slider`}
        aria-valuetext={numberText(shown)}
        min={0}
        max={SLIDER_STEPS}
        value={held ?? toSlider(value, control)}
        onChange={(event) => setHeld(Number(event.target.value))}
        onPointerUp={release}
        onKeyUp={release}
        onBlur={release}
      />
      {held !== null && (
        <output className="held num" aria-hidden="true">
          {numberText(shown)}
        </output>
      )}
    </>
  );
}

/** Value that a nullable number gets when it is switched on. */
function switchedOn(setting: NumberSetting): number {
  if (typeof setting.default === 'number') return setting.default;
  const { control } = setting;
  const start = control.type === 'slider' ? fromSlider(SLIDER_STEPS / 2, control) : setting.min;
  return rounded(Math.min(setting.max, Math.max(setting.min, start)), setting);
}

export function NumberInput({
  setting,
  id,
  value,
  describedBy,
  wrong,
  change,
}: InputProps<NumberSetting>) {
  const isNullable = setting.kind === 'nullableInt' || setting.kind === 'nullableFloat';
  const isOn = typeof value === 'number';
  return (
    <div className="number-row">
      {isNullable && (
        <input
          {...(isOn ? {} : { id })}
          type="checkbox"
          role="switch"
          aria-checked={isOn}
          className="switch"
          aria-label={`${setting.label}: ${isOn ? 'on' : (setting.nullLabel ?? 'off')}`}
          checked={isOn}
          onChange={(event) => change(event.target.checked ? switchedOn(setting) : null)}
        />
      )}
      {isOn && setting.control.type === 'slider' && (
        <Slider setting={setting} control={setting.control} value={value} change={change} />
      )}
      {isOn ? (
        <NumberText
          id={id}
          setting={setting}
          value={value}
          describedBy={describedBy}
          wrong={wrong}
          change={change}
        />
      ) : (
        <span className="muted">{setting.nullLabel ?? 'off'}</span>
      )}
    </div>
  );
}

export function SeedInput({
  setting,
  id,
  value,
  describedBy,
  wrong,
  change,
}: InputProps<NumberSetting>) {
  return (
    <div className="number-row">
      <NumberText
        id={id}
        setting={setting}
        value={typeof value === 'number' ? value : 0}
        describedBy={describedBy}
        wrong={wrong}
        change={change}
      />
      <button
        type="button"
        className="btn icon small"
        aria-label={`Draw a new seed for ${setting.label}`}
        onClick={() => change(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)}
      >
        <DiceIcon />
      </button>
    </div>
  );
}
