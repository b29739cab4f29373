import { type ComponentType, useId } from 'react';
import { sameValue } from '../../config/edit.ts';
import type { JsonValue } from '../../config/experiment.ts';
import type { Setting } from '../../config/settings.ts';
import { Explain } from './Explain.tsx';
import { focusOn } from './focus.ts';
import type { InputProps } from './inputProps.ts';
import { BoolInput, EnumInput, NumberInput, SeedInput } from './inputs.tsx';
import { describeValue } from './values.ts';

/** The input of a plain setting; nothing for one with a shape of its own. */
export function PlainInput(props: InputProps) {
  const { setting } = props;
  switch (setting.kind) {
    case 'bool':
      return <BoolInput {...props} setting={setting} />;
    case 'enum':
      return <EnumInput {...props} setting={setting} />;
    case 'seed':
      return <SeedInput {...props} setting={setting} />;
    case 'int':
    case 'float':
    case 'nullableInt':
    case 'nullableFloat':
      return <NumberInput {...props} setting={setting} />;
    default:
      return null;
  }
}

function allowedRange(setting: Setting): readonly (readonly [string, string])[] {
  if (!('min' in setting)) return [];
  const unit = setting.unit === undefined ? '' : ` ${setting.unit}`;
  return [['Allowed', `${setting.min} to ${setting.max}${unit}`]];
}

interface SettingFieldProps {
  setting: Setting;
  value: JsonValue;
  /** What is wrong with it. */
  messages?: readonly string[];
  /** When a change takes effect. */
  badge?: { text: string; className: string; help: string };
  /** What it is typed into, where that is not the input of a plain setting. */
  input?: ComponentType<InputProps>;
  change: (value: JsonValue) => void;
}

/** One row of settings: label, badge, explanation, input, message. */
export function SettingField(props: SettingFieldProps) {
  const { setting, value, messages = [], badge, input: Input = PlainInput, change } = props;
  const id = useId();
  return (
    <div className={setting.kind === 'bool' ? 'field inline' : 'field'} data-path={setting.path}>
      <div className="field-head">
        <label htmlFor={id}>
          {setting.label}
          {setting.symbol !== undefined && <i className="symbol">{setting.symbol}</i>}
        </label>
        {!sameValue(value, setting.default) && (
          <button
            type="button"
            className="changed"
            aria-label={`Reset ${setting.label} to ${describeValue(setting, setting.default)}`}
            title={`Default: ${describeValue(setting, setting.default)}. Click to reset.`}
            onClick={() => {
              change(setting.default);
              focusOn(document.getElementById(id));
            }}
          />
        )}
        {badge !== undefined && (
          <span className={badge.className} title={badge.help}>
            {badge.text}
          </span>
        )}
        <Explain
          className="help"
          about={{
            label: setting.label,
            meaning: setting.help,
            formula: setting.formula,
            source: setting.source,
            facts: [
              ...allowedRange(setting),
              ['Default', describeValue(setting, setting.default)],
              ...(badge === undefined ? [] : [['Takes effect', badge.help.toLowerCase()] as const]),
            ],
          }}
        >
          ?
        </Explain>
      </div>
      <Input
        setting={setting}
        id={id}
        value={value}
        describedBy={id}
        wrong={messages.length > 0 ? `${id}m` : undefined}
        change={change}
      />
      {messages.length > 0 && (
        <div id={`${id}m`} role="alert">
          {messages.map((message) => (
            <p key={message} className="field-error">
              {message}
            </p>
          ))}
        </div>
      )}
    </div>
  );
}
