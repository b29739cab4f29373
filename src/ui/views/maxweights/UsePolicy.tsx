import { checkConstraints } from '../../../config/constraints.ts';
import { applyChange } from '../../../config/edit.ts';
import { Button } from '../../kit/Button.tsx';
import { useConfig, useLab } from '../../kit/useLab.tsx';
import { policyChange, type Run, settingsOf } from './shown.ts';

/** Gives a model the policy: the form of the live run, where it waits; a fork of a stored one. */
export function UsePolicy({ run }: { run: Run }) {
  const { commands, view } = useLab();
  const form = useConfig((s) => s.experiment);
  const { subject } = run.side;
  const isLive = subject === 'live';
  const settings = isLive ? form : settingsOf(run);
  const change = policyChange(settings, run.policy);
  const problems = checkConstraints(applyChange(settings, change)).filter(
    ({ severity }) => severity === 'error',
  );

  async function use(): Promise<void> {
    if (typeof subject === 'object' && 'run' in subject)
      return void (await commands.forkStored(subject.run, subject.step, change));
    await commands.edit(change);
    view.getState().say('The policy waits in the form: fork the run with it, or open a new model.');
  }

  return (
    <div className="maxweights-use">
      <Button className="btn" isOff={problems.length > 0} onClick={() => void use()}>
        {isLive ? 'Use this policy' : 'Fork with this policy'}
      </Button>
      {problems.length > 0 && (
        <p className="field-error">{problems.map(({ message }) => message).join('. ')}.</p>
      )}
    </div>
  );
}
