import { useEffect, useRef } from 'react';
import { SETTINGS } from '../../config/schema.ts';
import { GROUPS, type Group } from '../../config/settings.ts';
import { Button } from '../kit/Button.tsx';
import { focusOn } from '../kit/focus.ts';
import { RedoIcon, UndoIcon } from '../kit/icons.tsx';
import { useConfig, useHistory, useLab, useView } from '../kit/useLab.tsx';
import { Field } from './Field.tsx';
import { GROUP_TITLES } from './groups.ts';
import { OwnTextField } from './OwnTextField.tsx';
import { PresetPicker, PresetRemark } from './PresetPicker.tsx';
import { brokenRules } from './rules.ts';

/** Order in the form: what a person turns first comes first. */
const FORM_ORDER: readonly Group[] = [
  'experts',
  'router',
  'losses',
  'optimizer',
  'network',
  'batch',
  'data',
  'seeds',
  'evaluation',
];

/** Rows of the settings table that the form shows, by group. */
export const FORM_ROWS: ReadonlyMap<Group, typeof SETTINGS> = new Map(
  GROUPS.map((group) => [
    group,
    SETTINGS.filter((setting) => setting.group === group && setting.control.type !== 'none'),
  ]),
);

function GroupSection({ group }: { group: Group }) {
  const { view } = useLab();
  const collapsed = useView((s) => s.collapsed);
  const experiment = useConfig((s) => s.experiment);
  const isOpen = !collapsed.includes(group);
  const rows = (FORM_ROWS.get(group) ?? []).filter(
    ({ visibleWhen }) => visibleWhen === undefined || visibleWhen(experiment),
  );
  if (rows.length === 0) return null;
  return (
    <details
      className="group"
      open={isOpen}
      onToggle={(event) => {
        const nowOpen = event.currentTarget.open;
        if (nowOpen === isOpen) return;
        const others = view.getState().collapsed.filter((name) => name !== group);
        view.getState().set({ collapsed: nowOpen ? others : [...others, group] });
      }}
    >
      <summary>
        <h2>{GROUP_TITLES[group]}</h2>
      </summary>
      {isOpen && (
        <div className="fields">
          {rows.map((setting) => (
            <Field key={setting.path} setting={setting} />
          ))}
          {group === 'data' && <OwnTextField />}
        </div>
      )}
    </details>
  );
}

/** Broken rules across fields, each with a fix where there is one. */
function RuleList() {
  const { commands } = useLab();
  const experiment = useConfig((s) => s.experiment);
  const problems = brokenRules(experiment);
  if (problems.length === 0) return null;
  return (
    <ul className="rules" aria-label="Problems of these settings">
      {problems.map(({ rule, path, message, severity, fix }) => (
        <li key={rule + path + message} className={severity}>
          <span>{message}</span>
          {fix !== undefined && (
            <button
              type="button"
              className="link-btn"
              onClick={() => void commands.edit(fix.change)}
            >
              {fix.label}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Brings a setting up, and the focus with it, when a person asked for it. */
function useSought() {
  const { view } = useLab();
  const form = useRef<HTMLDivElement>(null);
  const path = useView(({ sought }) =>
    sought !== null && 'setting' in sought ? sought.setting : null,
  );
  useEffect(() => {
    if (path === null) return;
    const field = form.current?.querySelector(`[data-path="${CSS.escape(path)}"]`);
    field?.scrollIntoView?.({ block: 'center' });
    focusOn(field?.querySelector<HTMLElement>('input, select, textarea, button:not(.help)'));
    view.getState().set({ sought: null });
  }, [path, view]);
  return form;
}

/** All settings of the experiment, generated from the settings table. */
export function Form() {
  const form = useSought();
  const { commands } = useLab();
  const canUndo = useHistory((s) => s.past.length > 0);
  const canRedo = useHistory((s) => s.future.length > 0);
  return (
    <div ref={form} className="form">
      <div className="form-head">
        <PresetPicker />
        <Button
          className="btn quiet icon small"
          aria-label="Undo"
          isOff={!canUndo}
          onClick={() => void commands.undo()}
        >
          <UndoIcon />
        </Button>
        <Button
          className="btn quiet icon small"
          aria-label="Redo"
          isOff={!canRedo}
          onClick={() => void commands.redo()}
        >
          <RedoIcon />
        </Button>
      </div>
      <PresetRemark />
      <RuleList />
      {FORM_ORDER.map((group) => (
        <GroupSection key={group} group={group} />
      ))}
    </div>
  );
}
