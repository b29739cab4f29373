import { Dialog } from 'radix-ui';
import { useId, useState } from 'react';
import { applyChange, getPath } from '../../config/edit.ts';
import type { Experiment, JsonValue, Slot } from '../../config/experiment.ts';
import { settingAt } from '../../config/schema.ts';
import type { Setting } from '../../config/settings.ts';
import type { ForeignQuestion } from '../../state/viewStore.ts';
import { companions } from '../form/companions.ts';
import { SlotList } from '../form/SlotsInput.tsx';
import type { InputProps } from '../kit/inputProps.ts';
import { EnumInput, NumberText } from '../kit/inputs.tsx';
import { useView } from '../kit/useLab.tsx';

interface AnswerProps {
  setting: Setting;
  answers: Experiment;
  /** The values that can be chosen; all that the setting has when absent. */
  allowed: readonly (string | number)[] | undefined;
  change: (value: JsonValue) => void;
}

interface AnswerInputProps extends InputProps, Pick<AnswerProps, 'allowed'> {
  slots: readonly Slot[];
}

function Input({ allowed, slots, ...props }: AnswerInputProps) {
  const { setting, id, value, change } = props;
  switch (setting.kind) {
    case 'enum': {
      const options = setting.options.filter((option) => allowed?.includes(option.value) ?? true);
      return <EnumInput {...props} setting={{ ...setting, options }} />;
    }
    case 'slots':
      return (
        <SlotList
          id={id}
          label={setting.label}
          slots={slots}
          change={(next) => change(next as unknown as JsonValue)}
        />
      );
    case 'int':
    case 'nullableFloat':
      if (allowed === undefined)
        return <NumberText {...props} setting={setting} value={Number(value)} />;
      return (
        <select
          id={id}
          className="select"
          value={String(value)}
          onChange={(event) => change(Number(event.target.value))}
        >
          {allowed.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      );
    default:
      return null;
  }
}

function Answer({ setting, answers, allowed, change }: AnswerProps) {
  const id = useId();
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id} title={setting.help}>
          {setting.label}
          {setting.symbol !== undefined && <i className="symbol">{setting.symbol}</i>}
        </label>
      </div>
      <Input
        setting={setting}
        id={id}
        value={getPath(answers, setting.path) ?? null}
        describedBy={id}
        wrong={undefined}
        allowed={allowed}
        slots={answers.experts.slots}
        change={change}
      />
    </div>
  );
}

function Questions({ question }: { question: ForeignQuestion }) {
  const { name, told, asked, allowed, start, check, answer } = question;
  const [answers, setAnswers] = useState(start);
  const problem = check(answers);
  const settings = asked
    .flatMap((path) => settingAt(path) ?? [])
    .filter(({ visibleWhen }) => visibleWhen?.(answers) ?? true);
  return (
    <>
      <Dialog.Title className="dialog-title">{name} names no experiment</Dialog.Title>
      <p>
        Its tensors tell the model: {told}. The rest is for you to say; everything else is as in the
        settings, and training begins at step 0 with moments of 0 where it has none.
      </p>
      {settings.map((setting) => (
        <Answer
          key={setting.path}
          setting={setting}
          answers={answers}
          allowed={allowed[setting.path]}
          change={(value) =>
            setAnswers(
              applyChange(answers, {
                [setting.path]: value,
                ...companions(setting.path, value, answers),
              }),
            )
          }
        />
      ))}
      <div role="alert">{problem !== null && <p className="field-error">{problem}</p>}</div>
      <div className="foot">
        <Dialog.Close className="btn">Cancel</Dialog.Close>
        <button
          type="button"
          className="btn primary"
          disabled={problem !== null}
          onClick={() => answer(answers)}
        >
          Open it
        </button>
      </div>
    </>
  );
}

/** Asks what the tensors of another program's checkpoint do not tell. */
export function ForeignSheet() {
  const question = useView((s) => s.foreign);
  return question === null ? null : <Questions question={question} />;
}
