import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, settingsInForce } from '../../src/config/edit.ts';
import type { Change, Experiment, Slot } from '../../src/config/experiment.ts';
import { surgeryProblems } from '../../src/config/surgeryHistory.ts';
import { addSlot, type SpaceEdit, setWidth } from '../../src/config/surgeryPlan.ts';
import type { Lab } from '../../src/state/lab.ts';
import { casesOf } from '../support/long.ts';
import { type TestLab, testLab } from './support.ts';

/** Random edits of form, plan and running model, against a list of what there was before each. */

const START = applyChange(DEFAULTS_V1, {
  'experts.slots': [{ kind: 'ffn', hidden: 64 }, { kind: 'ffn', hidden: 32 }, { kind: 'zero' }],
});

const labs: Lab[] = [];
afterEach(() => {
  for (const lab of labs.splice(0)) lab.close();
});

interface Plan {
  slots: readonly Slot[];
  from: readonly (number | null)[];
}

/** What a person sees of an experiment that is edited. */
interface Seen {
  lr: number;
  clip: number | null;
  L: number;
  slots: readonly Slot[];
  plan: Plan | null;
}

/** The model: states before and after every edit, and nothing else. */
interface Model {
  now: Seen;
  past: { before: Seen; after: Seen; isPlan: boolean }[];
  future: { before: Seen; after: Seen; isPlan: boolean }[];
}

/** What differs between two states, put into a third. */
function moved(state: Seen, from: Seen, to: Seen): Seen {
  const parts = (Object.keys(to) as (keyof Seen)[]).filter((key) => from[key] !== to[key]);
  return { ...state, ...Object.fromEntries(parts.map((key) => [key, to[key]])) };
}

function edited(model: Model, part: Partial<Seen>, isPlan = false): void {
  const after = { ...model.now, ...part };
  model.past.push({ before: model.now, after, isPlan });
  model.now = after;
  model.future = [];
}

interface Operation {
  name: string;
  run(test: TestLab, model: Model): Promise<void>;
}

function form(key: 'lr' | 'clip' | 'L', value: number): Operation {
  const path = { lr: 'optimizer.lr', clip: 'optimizer.clip', L: 'model.L' }[key];
  return {
    name: `${path} = ${value}`,
    async run({ lab }, model) {
      const isSame = model.now[key] === value;
      await lab.commands.edit({ [path]: value });
      if (!isSame) edited(model, { [key]: value });
    },
  };
}

/** A plan after an action; null where nothing is left to do. */
function planned({ slots, plan }: Seen, make: (old: Plan) => Plan): Plan | null {
  const next = make(plan ?? { slots, from: slots.map((_, r) => r) });
  const isSame = JSON.stringify(next.slots) === JSON.stringify(slots);
  return isSame && next.from.every((at, r) => at === r) ? null : next;
}

const isEqual = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function rack(name: string, edit: SpaceEdit, make: (old: Plan) => Plan): Operation {
  return {
    name,
    async run({ lab }, model) {
      const plan = planned(model.now, make);
      await lab.commands.rack.edit(edit);
      if (lab.rack.getState().mode === 'once') {
        if (plan !== null) edited(model, { slots: plan.slots });
      } else if (!isEqual(plan, model.now.plan)) edited(model, { plan }, true);
    },
  };
}

const width = (hidden: number) =>
  rack(`width ${hidden}`, setWidth(0, hidden), ({ slots, from }) => ({
    slots: [{ kind: 'ffn', hidden }, ...slots.slice(1)],
    from,
  }));
const grow = rack('a slot more', addSlot({ kind: 'copy' }), ({ slots, from }) => ({
  slots: [...slots, { kind: 'copy' }],
  from: [...from, null],
}));
/** The last slot goes, and another comes in its place: the list may be the same, the slot is not. */
const trade = rack(
  'another last slot',
  (slots) => [
    ...slots.slice(0, -1).map((slot, at) => ({ slot, at })),
    { slot: { kind: 'constant' }, at: null },
  ],
  ({ slots, from }) => ({
    slots: [...slots.slice(0, -1), { kind: 'constant' }],
    from: [...from.slice(0, -1), null],
  }),
);

const apply: Operation = {
  name: 'apply',
  async run({ lab }, model) {
    await lab.commands.rack.apply();
    if (model.now.plan === null) return;
    const at = model.past.findLastIndex(({ isPlan }) => isPlan);
    const { slots } = model.now;
    const next = model.now.plan.slots;
    const rest = model.past.filter(({ isPlan }) => !isPlan);
    const earlier = model.past.slice(0, at).filter(({ isPlan }) => !isPlan).length;
    const base = { ...model.now, plan: null };
    model.now = { ...base, slots: next };
    const entry = { before: { ...base, slots }, after: model.now, isPlan: false };
    model.past = rest.toSpliced(earlier, 0, entry);
  },
};

const discard: Operation = {
  name: 'discard',
  async run({ lab }, model) {
    lab.commands.rack.discard();
    model.now = { ...model.now, plan: null };
    model.past = model.past.filter(({ isPlan }) => !isPlan);
    model.future = model.future.filter(({ isPlan }) => !isPlan);
  },
};

const undo: Operation = {
  name: 'undo',
  async run({ lab }, model) {
    await lab.commands.undo();
    const entry = model.past.pop();
    if (entry === undefined) return;
    model.future.push(entry);
    model.now = moved(model.now, entry.after, entry.before);
  },
};

const redo: Operation = {
  name: 'redo',
  async run({ lab }, model) {
    await lab.commands.redo();
    const entry = model.future.pop();
    if (entry === undefined) return;
    model.past.push(entry);
    model.now = moved(model.now, entry.before, entry.after);
  },
};

const steps = (n: number): Operation => ({
  name: `${n} steps`,
  run: async ({ trainer }) => trainer.advance(n),
});

const mode = (which: 'once' | 'collect'): Operation => ({
  name: which,
  async run(test, model) {
    test.lab.rack.getState().set({ mode: which });
    if (which === 'once') await apply.run(test, model);
  },
});

function shown({ lab }: TestLab): Seen {
  const { experiment } = lab.config.getState();
  const { lr, clip } = experiment.optimizer;
  const waits = lab.rack.getState().plan;
  const plan = waits && { slots: waits.experts.slots, from: waits.from.default ?? [] };
  return { lr, clip, L: experiment.model.L, slots: experiment.experts.slots, plan };
}

/** What the trainer's next step takes: live settings and expert space are as the form shows them. */
function checkRun({ lab, trainer }: TestLab, { now }: Model, surgeries: number): void {
  const { running } = lab.config.getState();
  const inForce = settingsInForce(running as Experiment, lab.run.getState().step);
  expect(inForce.optimizer).toMatchObject({ lr: now.lr, clip: now.clip });
  expect(inForce.experts.slots).toEqual(now.slots);
  expect(inForce.model.L).toBe(START.model.L);
  expect(surgeryProblems(running as Experiment)).toEqual([]);
  // Every surgery that was sent is recorded, and once.
  const sent = trainer.calls.filter(([name, change]) => {
    return name === 'change' && 'surgery' in (change as Change);
  });
  expect(sent).toHaveLength(surgeries);
}

const operation = fc.oneof(
  fc.constantFrom(0.001, 0.002, 0.003).map((value) => form('lr', value)),
  fc.constantFrom(1, 2, 3).map((value) => form('clip', value)),
  fc.constantFrom(2, 3, 5).map((value) => form('L', value)),
  fc.constantFrom(40, 48, 56).map(width),
  fc.constantFrom(grow, trade, apply, discard),
  { weight: 3, arbitrary: fc.constantFrom(undo, redo, undo) },
  fc.constantFrom(1, 4).map(steps),
  fc.constantFrom('once' as const, 'collect' as const).map(mode),
);
const named = fc
  .array(operation, { minLength: 1, maxLength: 30 })
  .map((list) => ({ list, toString: () => list.map(({ name }) => name).join(', ') }));

const isSurgery = ([, change]: readonly [number, Change]) => 'surgery' in change;
const surgeriesOf = (lab: Lab) =>
  (lab.config.getState().running?.events ?? []).filter(isSurgery).length;

describe('one history of edits', () => {
  it('takes random edits back and does them again as a list of states does', async () => {
    await fc.assert(
      fc.asyncProperty(named, async ({ list }) => {
        const test = await testLab({ experiment: START });
        labs.push(test.lab);
        await test.lab.commands.start();
        const first = shown(test);
        const model: Model = { now: first, past: [], future: [] };
        for (const { run } of list) {
          await run(test, model);
          expect(shown(test)).toEqual(model.now);
          checkRun(test, model, surgeriesOf(test.lab));
        }
        const { history } = test.lab;
        expect(history.getState().past.map(({ of }) => of === 'plan')).toEqual(
          model.past.map(({ isPlan }) => isPlan),
        );
        while (history.getState().past.length > 0) await undo.run(test, model);
        expect(shown(test)).toEqual(first);
        while (history.getState().future.length > 0) await redo.run(test, model);
        expect(shown(test)).toEqual(model.now);
        test.lab.close();
      }),
      { numRuns: casesOf(3000, 60), seed: 20_260 },
    );
  });
});
