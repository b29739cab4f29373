import { getPath, sameValue } from '../../config/edit.ts';
import type { Change, JsonValue } from '../../config/experiment.ts';
import {
  type Badge,
  type Setting,
  STRUCTURED_KINDS,
  type StructuredSetting,
} from '../../config/settings.ts';
import type { InputProps } from '../kit/inputProps.ts';
import { PlainInput, SettingField } from '../kit/SettingField.tsx';
import { useConfig, useLab } from '../kit/useLab.tsx';
import { companions } from './companions.ts';
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

const isStructured = (setting: Setting): setting is StructuredSetting =>
  STRUCTURED_KINDS.some((kind) => kind === setting.kind);

function Input(props: InputProps) {
  const { setting } = props;
  return isStructured(setting) ? (
    <StructuredInput {...props} setting={setting} />
  ) : (
    <PlainInput {...props} />
  );
}

/** One row of the settings table, of the form's experiment. */
export function Field({ setting }: { setting: Setting }) {
  const { commands } = useLab();
  const value = useConfig((s) => getPath(s.experiment, setting.path) ?? null);
  const refused = useConfig((s) => s.refused[setting.path]);
  const experiment = useConfig((s) => s.experiment);
  const messages = [
    ...(refused === undefined ? [] : [refused]),
    ...errorsAt(setting.path, experiment),
  ];

  function change(next: JsonValue): void {
    if (sameValue(next, value)) return;
    const edit: Change = { [setting.path]: next, ...companions(setting.path, next, experiment) };
    void commands.edit(edit);
  }

  return (
    <SettingField
      setting={setting}
      value={value}
      messages={messages}
      badge={BADGES[setting.badge]}
      input={Input}
      change={change}
    />
  );
}
