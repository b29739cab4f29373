import { useId } from 'react';
import { getPath, sameValue } from '../../config/edit.ts';
import type { Change, JsonValue } from '../../config/experiment.ts';
import type { Badge, Setting } from '../../config/settings.ts';
import { Explain } from '../kit/Explain.tsx';
import { focusOn } from '../kit/focus.ts';
import { useConfig, useLab } from '../kit/useLab.tsx';
import { describeValue } from '../kit/values.ts';
import { companions } from './companions.ts';
import type { InputProps } from './inputProps.ts';
import { BoolInput, EnumInput, NumberInput, SeedInput } from './inputs.tsx';
import { errorsAt } from './rules.ts';
import { StructuredInput } from './StructuredInput.tsx';

const BADGES: Readonly<Record<Badge, { text: string; className: string; help: string }>> = {
  live: {
    text: 'live',
    className: 'badge live',
    help: 'Changes the running model at its next step',
  },
  newModel: { text: 'new model', className: 'badge', help: 'Takes effect in a model started anew' },
  view: { text: 'view', className: 'badge', help: 'Changes only what is shown' },
};

function Input(props: InputProps) {
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
      return <StructuredInput {...props} setting={setting} />;
  }
}

function allowedRange(setting: Setting): readonly (readonly [string, string])[] {
  if (!('min' in setting)) return [];
  const unit = setting.unit === undefined ? '' : ` ${setting.unit}`;
  return [['Allowed', `${setting.min} to ${setting.max}${unit}`]];
}

/** One row of the settings table: label, badge, explanation, input, message. */
export function Field({ setting }: { setting: Setting }) {
  const { commands } = useLab();
  const id = useId();
  const value = useConfig((s) => getPath(s.experiment, setting.path) ?? null);
  const refused = useConfig((s) => s.refused[setting.path]);
  const experiment = useConfig((s) => s.experiment);
  const messages = [
    ...(refused === undefined ? [] : [refused]),
    ...errorsAt(setting.path, experiment),
  ];
  const isChanged = !sameValue(value, setting.default);
  const badge = BADGES[setting.badge];

  function change(next: JsonValue): void {
    if (sameValue(next, value)) return;
    const edit: Change = { [setting.path]: next, ...companions(setting.path, next, experiment) };
    void commands.edit(edit);
  }

  return (
    <div className={setting.kind === 'bool' ? 'field inline' : 'field'} data-path={setting.path}>
      <div className="field-head">
        <label htmlFor={id}>
          {setting.label}
          {setting.symbol !== undefined && <i className="symbol">{setting.symbol}</i>}
        </label>
        {isChanged && (
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
        <span className={badge.className} title={badge.help}>
          {badge.text}
        </span>
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
              ['Takes effect', badge.help.toLowerCase()],
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
