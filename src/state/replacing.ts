/**
 * What takes the place of the open run: looked at completely while the run goes on, then asked for
 * where much training would be lost. Refused, it leaves everything as it is.
 */
import { estimateMemory } from '../accounting/memory.ts';
import { checkConstraints } from '../config/constraints.ts';
import type { Experiment, Problem } from '../config/experiment.ts';
import { isUnreadable } from '../config/parse.ts';
import { listed } from '../config/plural.ts';
import type { AdapterReport, CheckReport } from '../worker/api.ts';
import { failureOf } from './failure.ts';
import type { RunValues } from './runStore.ts';
import type { Stores } from './stores.ts';
import type { Question } from './viewStore.ts';

/** Steps that are given up without asking. */
export const RESET_WITHOUT_ASKING = 50;

export interface Replacing {
  /** Whether there is a run that could be lost. */
  isOpen(): boolean;
  /** Asks in the sheet; false when it is closed in any other way. */
  ask(question: Omit<Question, 'answer'>): Promise<boolean>;
  /** Asks whether the open run may go, where it has many steps or the other has problems. */
  mayGo(name: string, action: string, problems?: readonly string[]): Promise<boolean>;
  /** Runs a check while the run goes on; null when it was given up or refused, which `refuse` hears. */
  checked(
    name: string,
    check: () => Promise<CheckReport>,
    refuse?: (error: unknown) => void,
  ): Promise<CheckReport | null>;
  /** Whether an experiment may take the open run's place; says so where nothing of it can be used. */
  mayLoad(name: string, experiment: Experiment, problems: readonly Problem[]): Promise<boolean>;
}

/** Last step whose parameters the library has of the open run; 0 where it has none. */
export function storedStep({ recording }: Pick<RunValues, 'recording'>): number {
  // What was wiped stays said; a checkpoint that is told then was stored since.
  const isStored = recording !== null && (recording.failure?.kind ?? 'wiped') === 'wiped';
  return isStored ? (recording.checkpoint ?? 0) : 0;
}

/** What is left of the open run once another one has its place. */
export function whatStays(now: Pick<RunValues, 'recording'>): string {
  const stored = storedStep(now);
  return stored > 0
    ? `The library keeps its curves, and its parameters of step ${stored.toLocaleString('en')}.`
    : 'Its curve stays, faint, behind the next one; its parameters do not.';
}

const messages = (problems: readonly Problem[]) => problems.map(({ message }) => message);

/** What keeps an experiment from being what was written, or from running. */
export function errorsOf(experiment: Experiment, problems: readonly Problem[]): Problem[] {
  return [...problems, ...checkConstraints(experiment)].filter(
    ({ severity }) => severity === 'error',
  );
}

/** A text with its full stop. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** @throws ModelTooLarge for buffers that the adapter does not allow */
function checkSize({ config, domains }: CheckReport, adapter: AdapterReport | null): void {
  const { problems } = estimateMemory(config, adapter, domains);
  if (problems.length > 0)
    throw Object.assign(new Error(messages(problems).join(' ')), { name: 'ModelTooLarge' });
}

export function createReplacing({ config, run, view }: Stores): Replacing {
  function isOpen(): boolean {
    const { phase } = run.getState();
    return config.getState().running !== null && phase !== 'opening' && phase !== 'empty';
  }

  function refuse(name: string, reason: string): void {
    const rest = run.getState().phase === 'running' ? 'The run goes on.' : 'The run stays open.';
    view.getState().say(`${name} was not opened: ${sentence(reason)} ${rest}`);
  }

  function ask(question: Omit<Question, 'answer'>): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (isYes: boolean) => {
        stop();
        const now = view.getState();
        if (now.question === asked)
          now.set({ question: null, ...(now.sheet === 'replace' ? { sheet: null } : {}) });
        resolve(isYes);
      };
      const asked: Question = { ...question, answer };
      view.getState().set({ question: asked, sheet: 'replace' });
      const stop = view.subscribe((now) => {
        if (now.question !== asked || now.sheet !== 'replace') answer(false);
      });
    });
  }

  async function mayGo(
    name: string,
    action: string,
    problems: readonly string[] = [],
  ): Promise<boolean> {
    if (!isOpen()) return true;
    const now = run.getState();
    const isStored = now.phase !== 'running' && now.step === storedStep(now);
    if (problems.length === 0 && (isStored || now.step <= RESET_WITHOUT_ASKING)) return true;
    const reason = `${name} takes the place of the open run. ${whatStays(now)}`;
    return ask({ name, action, reason, problems });
  }

  return {
    isOpen,
    ask,
    mayGo,
    async checked(name, check, refused = (error) => refuse(name, failureOf(error).message)) {
      let isGivenUp = false;
      const cancel = () => {
        isGivenUp = true;
        run.getState().set({ checking: null });
      };
      const checking = { name, cancel };
      run.getState().set({ checking });
      try {
        const report = await check();
        checkSize(report, run.getState().adapter);
        return isGivenUp ? null : report;
      } catch (error) {
        if (!isGivenUp) refused(error);
        return null;
      } finally {
        if (run.getState().checking === checking) run.getState().set({ checking: null });
      }
    },
    async mayLoad(name, experiment, problems) {
      const errors = errorsOf(experiment, problems);
      if (isUnreadable({ experiment, problems: [...problems] })) {
        refuse(name, listed(messages(errors)));
        return false;
      }
      return mayGo(name, 'Open it', messages(errors));
    },
  };
}
