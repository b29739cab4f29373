import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConstraints } from '../../src/config/constraints.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import {
  applyChange,
  engineConfig,
  experimentAtStep,
  fixedPaths,
  recordEvent,
} from '../../src/config/edit.ts';
import type { Change, Experiment, ExpertsConfig, Slot } from '../../src/config/experiment.ts';
import { parseChange } from '../../src/config/parse.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { checkSurgery, type Surgery, slotSources } from '../../src/config/surgery.ts';
import { decodeSurgery, encodeSurgery } from '../../src/config/surgeryCodec.ts';
import {
  redoChange,
  settingsOfState,
  surgeryEvents,
  surgeryProblems,
  undoChange,
} from '../../src/config/surgeryHistory.ts';
import {
  addSlot,
  addToPlan,
  applyRatios,
  changeKind,
  cloneSlot,
  emptyPlan,
  type Layers,
  MODSE_RATIOS,
  planChange,
  removeSlot,
  reorder,
  type SpaceEdit,
  setPairWidth,
  setWidth,
} from '../../src/config/surgeryPlan.ts';

const ffn = (...widths: number[]): Slot[] => widths.map((hidden) => ({ kind: 'ffn', hidden }));
const zero: Slot = { kind: 'zero' };

function space(slots: readonly Slot[]): ExpertsConfig {
  return { slots, sharedHidden: 0 };
}

/** The change of some actions on all layers. */
function change(experts: ExpertsConfig, ...edits: (SpaceEdit | [Layers, SpaceEdit])[]): Change {
  const plan = edits.reduce((now, edit) => {
    const [layers, action] = typeof edit === 'function' ? (['all', edit] as const) : edit;
    return addToPlan(now, layers, action);
  }, emptyPlan(experts));
  const planned = planChange(experts, plan);
  if (planned === null) throw new Error('the plan has no effect');
  return planned;
}

const four = space(ffn(8, 6, 4, 2));
const ternary = space([...ffn(8, 8), { kind: 'negated', of: 0 }, { kind: 'negated', of: 1 }, zero]);

describe('actions', () => {
  it('sets a width', () => {
    expect(change(four, setWidth(1, 9))).toEqual({
      'experts.slots': ffn(8, 9, 4, 2),
      surgery: { from: {} },
    });
  });

  it("keeps a pair's sum and the total", () => {
    expect(change(four, setPairWidth(1, 11))['experts.slots']).toEqual(ffn(3, 11, 4, 2));
    expect(change(four, setPairWidth(2, 1))['experts.slots']).toEqual(ffn(8, 6, 1, 5));
  });

  it('applies ratios to the pairs', () => {
    const eight = space(ffn(...new Array<number>(8).fill(320)));
    expect(change(eight, applyRatios(MODSE_RATIOS, 128))['experts.slots']).toEqual(
      ffn(576, 64, 512, 128, 384, 256, 320, 320),
    );
    expect(change(four, applyRatios([[4, 1]], 3))['experts.slots']).toEqual(ffn(12, 3, 12, 3));
  });

  it('adds, clones, removes and reorders with provenance', () => {
    expect(change(four, addSlot({ kind: 'ffn', hidden: 5 }))).toEqual({
      'experts.slots': ffn(8, 6, 4, 2, 5),
      surgery: { from: { default: [0, 1, 2, 3, null] } },
    });
    expect(change(four, addSlot(zero, 1)).surgery).toEqual({
      from: { default: [0, null, 1, 2, 3] },
    });
    expect(change(four, cloneSlot(1))).toEqual({
      'experts.slots': ffn(8, 6, 6, 4, 2),
      surgery: { from: { default: [0, 1, 1, 2, 3] } },
    });
    expect(change(four, removeSlot(2))).toEqual({
      'experts.slots': ffn(8, 6, 2),
      surgery: { from: { default: [0, 1, 3] } },
    });
    expect(change(space(ffn(4, 4)), reorder([1, 0]))).toEqual({
      surgery: { from: { default: [1, 0] } },
    });
  });

  it('changes a kind and keeps the slot', () => {
    expect(change(four, changeKind(3, { kind: 'copy' }))).toEqual({
      'experts.slots': [...ffn(8, 6, 4), { kind: 'copy' }],
      surgery: { from: {} },
    });
  });

  it('lets negated slots follow their experts', () => {
    expect(change(ternary, reorder([1, 0, 2, 3, 4]))['experts.slots']).toEqual([
      ...ffn(8, 8),
      { kind: 'negated', of: 1 },
      { kind: 'negated', of: 0 },
      zero,
    ]);
    expect(change(ternary, removeSlot(0))).toEqual({
      'experts.slots': [...ffn(8), { kind: 'negated', of: 0 }, zero],
      surgery: { from: { default: [1, 3, 4] } },
    });
    expect(change(ternary, cloneSlot(0))['experts.slots']).toEqual([
      ...ffn(8, 8, 8),
      { kind: 'negated', of: 0 },
      { kind: 'negated', of: 2 },
      zero,
    ]);
    expect(() => change(ternary, changeKind(1, zero))).toThrow(/slot 1 has a negated slot, 3/);
  });

  it('edits one layer, which gets a list of its own, and then all lists', () => {
    const first = change(four, [2, removeSlot(0)]);
    expect(first).toEqual({
      'experts.perLayer': { '2': ffn(6, 4, 2) },
      surgery: { from: { '2': [1, 2, 3] } },
    });
    const own: ExpertsConfig = { ...four, perLayer: { '2': ffn(6, 4, 2) } };
    expect(change(own, addSlot(zero, 0))).toEqual({
      'experts.slots': [zero, ...four.slots],
      'experts.perLayer': { '2': [zero, ...ffn(6, 4, 2)] },
      surgery: { from: { default: [null, 0, 1, 2, 3], '2': [null, 0, 1, 2] } },
    });
  });

  it('makes one change of several actions', () => {
    const both = change(four, cloneSlot(3), removeSlot(0), setWidth(0, 7), reorder([3, 0, 1, 2]));
    expect(both).toEqual({
      'experts.slots': ffn(2, 7, 4, 2),
      surgery: { from: { default: [3, 1, 2, 3] } },
    });
    const plan = addToPlan(emptyPlan(four), 'all', setWidth(0, 20));
    expect(planChange(four, addToPlan(plan, 'all', setWidth(0, 8)))).toBeNull();
  });

  it.each<[string, SpaceEdit, RegExp]>([
    ['a slot that is not there', setWidth(4, 3), /no slot 4; there are 0 to 3/],
    ['a width of 0', setWidth(0, 0), /width of 0 is not a whole number from 1 to 65536/],
    ['a width that is no number of units', setWidth(0, 1.5), /1\.5/],
    ['all of a pair', setPairWidth(0, 14), /sum of 14; 1 to 13/],
    ['a place beyond the end', addSlot(zero, 5), /at 5; 0 to 4/],
    ['no permutation', reorder([0, 1, 2, 2]), /no order of the slots 0 to 3/],
    [
      'a negative of nothing',
      changeKind(0, { kind: 'negated', of: 0 }),
      /negative of FFN expert 0/,
    ],
  ])('refuses %s', (_, edit, message) => {
    expect(() => change(four, edit)).toThrow(message);
  });

  it('refuses an empty list and more than 64 slots', () => {
    expect(() => change(space(ffn(3)), removeSlot(0))).toThrow(
      /0 slots; a layer must have 1 to 64/,
    );
    expect(() => change(space(new Array<Slot>(64).fill(zero)), addSlot(zero))).toThrow(/65 slots/);
  });
});

/** The default experiment with slots, and surgeries recorded before steps 10, 20 … */
function runWith(experts: ExpertsConfig, ...edits: SpaceEdit[]): Experiment {
  const start = { ...DEFAULTS_V1, experts };
  return edits.reduce<Experiment>((now, edit, i) => {
    const step = 10 * (i + 1);
    return recordEvent(now, step, change(experimentAtStep(now, step).experts, edit));
  }, start);
}

describe('events', () => {
  it('lets the expert space change only with its provenance', () => {
    const bare: Change = { 'experts.slots': four.slots as never };
    expect(fixedPaths(bare)).toEqual(['experts.slots']);
    expect(fixedPaths({ ...bare, surgery: { from: {} } })).toEqual([]);
    expect(fixedPaths({ 'model.D': 8, surgery: { from: {} } })).toEqual(['model.D']);
    expect(parseChange(bare).problems).toHaveLength(1);
    expect(parseChange(change(four, removeSlot(0)))).toEqual({
      change: change(four, removeSlot(0)),
      problems: [],
    });
  });

  it.each([
    [{ from: { layer: [0] } }, /named "default" or by a layer/],
    [{ from: { '128': [0] } }, /named "default" or by a layer/],
    [{ from: { default: [64] } }, /from 0 to 63/],
    [{ from: { default: [] } }, /1 to 64 slots/],
    [{ undo: 0 }, /from 1 to 100/],
    [{ undo: 1, from: {} }, /either "from" or "undo"/],
    [3, /either "from" or "undo"/],
  ])('refuses %j', (raw, message) => {
    const { change: kept, problems } = parseChange({ surgery: raw });
    expect(kept).toEqual({});
    expect(problems[0]?.message).toMatch(message);
  });

  it('keeps surgeries apart from other changes of their step', () => {
    let e: Experiment = { ...DEFAULTS_V1, experts: four };
    e = recordEvent(e, 5, { 'optimizer.lr': 0.1 });
    e = recordEvent(e, 5, change(four, removeSlot(0)));
    e = recordEvent(e, 5, { 'router.K': 1 });
    e = recordEvent(e, 5, { 'router.K': 3 });
    expect(e.events.map(([step, one]) => [step, Object.keys(one)])).toEqual([
      [5, ['optimizer.lr']],
      [5, ['experts.slots', 'surgery']],
      [5, ['router.K']],
    ]);
    expect(experimentAtStep(e, 5).experts.slots).toEqual(ffn(6, 4, 2));
    expect(experimentAtStep(e, 5).router.K).toBe(3);
  });

  it('names what does not fit the space before it', () => {
    const e = { ...runWith(four, removeSlot(0)), experts: space(ffn(8)) };
    expect(surgeryProblems(e)).toEqual([
      'surgery at step 10: slot 0 of layer 0 derives from slot 1; there are 0 to 0',
    ]);
    expect(checkConstraints(e).map(({ rule }) => rule)).toContain('eventSurgeries');
    const bare: Experiment = {
      ...DEFAULTS_V1,
      events: [[3, { 'experts.slots': ffn(8) as never, surgery: { from: {} } }]],
    };
    expect(surgeryProblems(bare)[0]).toMatch(/layer 0 gets 1 slots, but the provenance names 8/);
  });

  it('knows the settings of a state between two surgeries of a step', () => {
    let e: Experiment = { ...DEFAULTS_V1, experts: four };
    e = recordEvent(e, 5, change(four, removeSlot(0)));
    e = recordEvent(e, 5, change(experimentAtStep(e, 5).experts, cloneSlot(0)));
    const slots = (step: number, done: number) => settingsOfState(e, step, done).experts.slots;
    expect(slots(3, 0)).toEqual(four.slots);
    expect(slots(4, 0)).toEqual(four.slots);
    expect(slots(4, 1)).toEqual(ffn(6, 4, 2));
    expect(slots(4, 2)).toEqual(ffn(6, 6, 4, 2));
    expect(surgeryEvents(e).map(({ number }) => number)).toEqual([1, 2]);
    expect(surgeryEvents(e, 4)).toEqual([]);
  });
});

describe('undo and redo', () => {
  it('go back and forth over several surgeries', () => {
    let e = runWith(four, removeSlot(0), setWidth(0, 9), cloneSlot(1));
    const spaces = [four, ...surgeryEvents(e).map(({ after }) => after)];
    let step = 30;
    const take = (plan: typeof undoChange): ExpertsConfig => {
      const next = plan(e, ++step);
      if (next === null) throw new Error(`nothing at step ${step}`);
      e = recordEvent(e, step, next);
      return experimentAtStep(e, step).experts;
    };
    expect(redoChange(e, 31)).toBeNull();
    expect(take(undoChange)).toEqual(spaces[2]);
    expect(take(undoChange)).toEqual(spaces[1]);
    expect(take(redoChange)).toEqual(spaces[2]);
    expect(take(undoChange)).toEqual(spaces[1]);
    expect(take(undoChange)).toEqual(spaces[0]);
    expect(undoChange(e, step + 1)).toBeNull();
    expect(take(redoChange)).toEqual(spaces[1]);
    expect(take(redoChange)).toEqual(spaces[2]);
    expect(take(redoChange)).toEqual(spaces[3]);
    expect(redoChange(e, step + 1)).toBeNull();
    expect(surgeryProblems(e)).toEqual([]);
    expect(decodeLink(encodeLink(e)).experiment).toEqual(e);
  });

  it('forgets what was undone at the next surgery, and refuses to go there', () => {
    let e = runWith(four, removeSlot(0));
    e = recordEvent(e, 11, undoChange(e, 11) ?? {});
    const redo = redoChange(e, 12) ?? {};
    e = recordEvent(e, 12, change(experimentAtStep(e, 12).experts, cloneSlot(0)));
    expect(redoChange(e, 13)).toBeNull();
    expect(surgeryProblems(recordEvent(e, 13, { ...redo, surgery: { undo: 2 } }))).toEqual([
      'surgery at step 13: it would undo surgery 2, which is not the last that can be undone',
    ]);
  });

  it.each(['xl=none', 'xl='])('takes %s for the lists that no layer had before', (none) => {
    const { experiment, problems } = decodeLink(
      `v=1&x=4x32&e=5:xl=0:3x32~sg=0:0-2;7:${none}~sg=u1`,
    );
    expect(problems).toEqual([]);
    expect(surgeryProblems(experiment)).toEqual([]);
  });

  it('refuses an undo to another expert space', () => {
    const e = runWith(four, removeSlot(0));
    const wrong: Change = { 'experts.slots': ffn(1) as never, surgery: { undo: 1 } };
    expect(surgeryProblems(recordEvent(e, 11, wrong))).toHaveLength(1);
  });
});

const provenance = fc.array(fc.option(fc.integer({ min: 0, max: 63 })), {
  minLength: 1,
  maxLength: 64,
});
const listName = fc.oneof(fc.constant('default'), fc.integer({ min: 0, max: 127 }).map(String));
const surgeries: fc.Arbitrary<Surgery> = fc.oneof(
  fc.record({ undo: fc.integer({ min: 1, max: 100 }) }),
  fc.record({
    from: fc.dictionary(listName, provenance, { maxKeys: 4, noNullPrototype: true }),
  }),
);

describe('links', () => {
  it.each<[Surgery, string]>([
    [{ from: {} }, 'i'],
    [{ from: { default: [0, 1, 2, null, null, 5, 4] } }, 'd:0-2.n2.5.4'],
    [{ from: { '2': [1, null], default: [0] } }, '2:1.n,d:0'],
    [{ undo: 3 }, 'u3'],
  ])('write %j as %s', (surgery, text) => {
    expect(encodeSurgery(surgery)).toBe(text);
    expect(decodeSurgery(text)).toEqual(surgery);
  });

  it('bring random surgeries back exactly', () => {
    fc.assert(
      fc.property(surgeries, (surgery) => {
        expect(decodeSurgery(encodeSurgery(surgery))).toEqual(surgery);
        const e: Experiment = { ...DEFAULTS_V1, events: [[7, { surgery }]] };
        expect(decodeLink(encodeLink(e))).toEqual({ experiment: e, problems: [] });
      }),
      { numRuns: 60 },
    );
  });

  it('never take text that is no surgery', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0129dnui:.,-x'), maxLength: 12 });
    fc.assert(
      fc.property(text, (written) => {
        const checked = checkSurgery(decodeSurgery(written));
        if (checked.ok)
          expect(checkSurgery(decodeSurgery(encodeSurgery(checked.value)))).toEqual(checked);
        const { experiment, problems } = decodeLink(`v=1&e=5:sg=${written}`);
        expect(problems.length > 0).toBe(!checked.ok);
        expect(experiment.events.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 100 },
    );
  });
});

it('gives every layer the provenance of its own list, or of the shared one', () => {
  const e = applyChange(DEFAULTS_V1, { 'experts.slots': four.slots as never });
  const { experts } = engineConfig(e, 256);
  const planned = change(experts, [1, cloneSlot(0)], ['all', removeSlot(1)]);
  const after = applyChange(e, planned).experts;
  const { from } = planned.surgery as unknown as Extract<Surgery, { from: object }>;
  expect(slotSources(experts, after, from, 0)).toEqual([0, 2, 3]);
  expect(slotSources(experts, after, from, 1)).toEqual([0, 1, 2, 3]);
});
