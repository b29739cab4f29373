import { Dialog } from 'radix-ui';
import { tellsOfBreak } from '../../config/permalink.ts';
import { errorsOf } from '../../state/replacing.ts';
import type { Sheet } from '../../state/viewStore.ts';
import { Form } from '../form/Form.tsx';
import { HELP_KEYS } from '../helpKeys.ts';
import { focusHome } from '../kit/focus.ts';
import { CloseIcon } from '../kit/icons.tsx';
import { useConfig, useLab, useView } from '../kit/useLab.tsx';
import { labelOf } from '../kit/values.ts';
import { AboutSheet } from './AboutSheet.tsx';
import { ForeignSheet } from './ForeignSheet.tsx';
import { HandoverSheet } from './HandoverSheet.tsx';
import { Palette } from './Palette.tsx';
import { ReplaceSheet } from './ReplaceSheet.tsx';
import { ShareSheet } from './ShareSheet.tsx';

function HelpSheet() {
  const { view } = useLab();
  return (
    <>
      <Dialog.Title className="dialog-title">Keyboard</Dialog.Title>
      <dl className="keys">
        {HELP_KEYS.map(({ label, text }) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>
              <kbd>{label}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        On a chart: drag to zoom, double click to reset, click to pin a step for all panels.
      </p>
      <div className="foot">
        <button
          type="button"
          className="btn"
          onClick={() => view.getState().set({ sheet: 'about' })}
        >
          How it works
        </button>
        <Dialog.Close className="btn">Close</Dialog.Close>
      </div>
    </>
  );
}

function ProblemsSheet() {
  const { commands, config, view } = useLab();
  const problems = useConfig((s) => s.problems);
  const experiment = useConfig((s) => s.experiment);
  const broken = errorsOf(experiment, []);
  const isCut = tellsOfBreak(problems);
  return (
    <>
      <Dialog.Title className="dialog-title">
        {problems.length === 0
          ? 'This experiment cannot run as it is'
          : isCut
            ? 'This link was cut or changed on its way'
            : `${problems.length === 1 ? 'One thing' : `${problems.length} things`} in this experiment could not be taken as written`}
      </Dialog.Title>
      <ul className="problems">
        {[...problems, ...broken].map(({ path, message, severity }) => (
          <li key={path + message}>
            <span className={severity === 'error' ? 'tag bad' : 'tag warn'}>
              {path === '' ? 'link' : labelOf(path)}
            </span>
            <span>{message}</span>
          </li>
        ))}
      </ul>
      <p className="muted">
        {broken.length > 0
          ? 'It can start once the settings keep these rules.'
          : isCut
            ? 'The settings show the default experiment, which is not the one that was shared.'
            : 'Starting runs the experiment as it is shown in the settings, which is not the one that was shared.'}
      </p>
      <div className="foot">
        <Dialog.Close className="btn">Look at the settings</Dialog.Close>
        {broken.length === 0 && (
          <button
            type="button"
            className="btn primary"
            onClick={() => {
              config.getState().set({ accepted: true });
              view.getState().set({ sheet: null });
              void commands.start();
            }}
          >
            {isCut ? 'Start the default experiment' : 'Start anyway'}
          </button>
        )}
      </div>
    </>
  );
}

/** Dialogs that look otherwise than most. */
const LOOKS: Partial<Record<NonNullable<Sheet>, string>> = {
  settings: 'drawer',
  palette: 'palette',
};

/** The dialogs of the page: one at a time. */
export default function Sheets() {
  const { view } = useLab();
  const sheet = useView((s) => s.sheet);
  const close = () => view.getState().set({ sheet: null });
  return (
    <Dialog.Root open={sheet !== null} onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className={`dialog ${(sheet !== null && LOOKS[sheet]) || ''}`.trim()}
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusHome();
          }}
        >
          {sheet === 'help' && <HelpSheet />}
          {sheet === 'palette' && <Palette />}
          {sheet === 'about' && <AboutSheet />}
          {sheet === 'replace' && <ReplaceSheet />}
          {sheet === 'share' && <ShareSheet />}
          {sheet === 'problems' && <ProblemsSheet />}
          {sheet === 'foreign' && <ForeignSheet />}
          {sheet === 'handover' && <HandoverSheet />}
          {sheet === 'settings' && (
            <>
              <div className="drawer-head">
                <Dialog.Title className="dialog-title">Settings</Dialog.Title>
                <Dialog.Close className="btn quiet icon" aria-label="Close settings">
                  <CloseIcon />
                </Dialog.Close>
              </div>
              <Form />
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
