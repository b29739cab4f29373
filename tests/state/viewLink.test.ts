import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { setPath } from '../../src/config/edit.ts';
import { decodeLink, encodeLink, withoutView } from '../../src/config/permalink.ts';
import { choice, type Field, flag, isInLink, numberIn, orNull } from '../../src/state/fields.ts';
import { LINK_DEBOUNCE_MS } from '../../src/state/linkSync.ts';
import { decodeView, linkToShare } from '../../src/state/viewLink.ts';
import { createViewStore, PAGE_FIELDS, type ViewFields } from '../../src/state/viewStore.ts';
import { experiments } from '../config/arbitrary.ts';
import { testLab } from './support.ts';

const FIELDS: ViewFields = {
  placement: {
    devices: numberIn({ min: 1, max: 64, isWhole: true }, 4, 'link'),
    rate: numberIn({ min: 0.001, max: 1e5 }, 10, 'link'),
    pass: choice(['training', 'forward'], 'training', 'link'),
    chosen: orNull(numberIn({ min: 0, max: 9 }, 0, 'link')),
  },
  accounting: { isOpen: flag(false, 'local') },
};

/** Values that some fields allow, drawn at random. */
function valuesOf(fields: Readonly<Record<string, Field<unknown>>>, draw: fc.Arbitrary<unknown>) {
  return draw.map((raw) => {
    const found = Object.entries(fields).filter(([, field]) => isInLink(field));
    return Object.fromEntries(
      found.flatMap(([name, field]) => {
        const value = field.check(Reflect.get(raw as object, name));
        return value === undefined ? [] : [[name, value]];
      }),
    );
  });
}

const step = fc.nat();
const PAGE = fc.record({
  room: fc.constantFrom('', 'routing', 'cost', 'train'),
  smoothing: fc.double({ min: 0, max: 0.99, noNaN: true }),
  logX: fc.boolean(),
  logY: fc.boolean(),
  xUnit: fc.constantFrom('steps', 'tokens'),
  layer: fc.option(step),
  scrub: fc.option(step.map((n) => n + 1)),
  zoom: fc.option(fc.tuple(step, step).map(([a, b]) => [a, a + b + 1])),
});
const PLACEMENT = fc.record({
  devices: fc.integer({ min: 1, max: 64 }),
  rate: fc.double({ min: 0.001, max: 1e5, noNaN: true }),
  pass: fc.constantFrom('training', 'forward'),
  chosen: fc.option(fc.double({ min: 0, max: 9, noNaN: true })),
});

it('gives back every state of the view, beside every experiment', async () => {
  const { config } = (await testLab()).lab;
  fc.assert(
    fc.property(
      valuesOf(PAGE_FIELDS, PAGE),
      valuesOf(FIELDS.placement ?? {}, PLACEMENT),
      experiments,
      (page, placement, experiment) => {
        const view = createViewStore(null, FIELDS);
        view.getState().set(page);
        view.getState().setOwn('placement', placement);
        const link = linkToShare({ ...config.getState(), running: experiment }, view.getState());
        expect(link).not.toContain('%');
        const again = createViewStore(null, FIELDS);
        const part = decodeView(link, FIELDS);
        if (part !== null) again.getState().take(part);
        for (const name of Object.keys(page))
          expect(Reflect.get(again.getState(), name)).toEqual(Reflect.get(view.getState(), name));
        expect(again.getState().own).toEqual(view.getState().own);
        expect(decodeLink(link)).toEqual(decodeLink(encodeLink(experiment)));
        expect(withoutView(link)).toBe(encodeLink(experiment));
      },
    ),
    { seed: 7, numRuns: 200 },
  );
});

describe('links by hand', () => {
  it.each([
    'room=<script>',
    'page.zoom=9..3',
    'page.scrub=-4',
    'page.layer=1.5',
    'page.logY=yes',
    'placement.devices=1000',
    'placement.pass=__proto__',
    'nobody.knows=1',
    '__proto__.x=1',
  ])('falls back quietly from %s', (pair) => {
    const view = createViewStore(null, FIELDS);
    const before = JSON.stringify(view.getState());
    const part = decodeView(`v=1&D=64&${pair}`, FIELDS);
    if (part !== null) view.getState().take(part);
    expect(JSON.stringify(view.getState())).toBe(before);
    expect(decodeLink(`v=1&D=64&${pair}`)).toEqual(decodeLink('v=1&D=64'));
  });

  it('still tells of a setting that is called by its path', () => {
    expect(decodeLink('v=1&router.K=3').problems).toHaveLength(1);
  });

  it('shows what a link names without an experiment, and trains the first one', async () => {
    const { lab } = await testLab({ fragment: 'room=cost&page.smoothing=0.3' });
    expect(lab.view.getState()).toMatchObject({ room: 'cost', smoothing: 0.3, sheet: null });
    expect(lab.config.getState()).toMatchObject({ experiment: DEFAULTS_V1, problems: [] });
  });
});

describe('the address', () => {
  const D64 = encodeLink(setPath(DEFAULTS_V1, 'model.D', 64));

  it('follows what is shown, and leaves a link with problems as it was found', async () => {
    vi.useFakeTimers();
    const { lab, bar } = await testLab({ fragment: 'v=1&D=64&zz=1' });
    lab.view.getState().set({ logY: true });
    expect(bar.fragment).toBe('v=1&D=64&zz=1');
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(bar.fragment).toBe('v=1&D=64&zz=1&page.logY=1');
    lab.view.getState().set({ logY: false });
    await vi.advanceTimersByTimeAsync(LINK_DEBOUNCE_MS);
    expect(bar.fragment).toBe('v=1&D=64&zz=1');
    vi.useRealTimers();
  });

  it('changes what is shown, and nothing else, where it differs in nothing else', async () => {
    const { lab, bar, called, trainer } = await testLab({ fragment: D64 });
    await lab.commands.start();
    trainer.advance(400);
    const before = called();
    bar.go(`${D64}&room=routing&page.scrub=7`);
    await vi.waitFor(() => expect(lab.view.getState().room).toBe('routing'));
    expect(lab.view.getState()).toMatchObject({ scrub: 7, sheet: null });
    bar.go('page.logX=1');
    await vi.waitFor(() => expect(lab.view.getState().logX).toBe(true));
    expect(lab.config.getState().running?.model.D).toBe(64);
    expect(called()).toEqual(before);
  });

  it('goes back to the room before, and keeps what was edited since', async () => {
    const { lab, bar } = await testLab({ fragment: D64 });
    lab.view.getState().set({ room: 'cost' });
    expect(bar.fragment).toBe(`${D64}&room=cost`);
    lab.commands.stage({ 'model.L': 3 });
    bar.back();
    expect(lab.view.getState().room).toBe('');
    expect(lab.config.getState().experiment.model).toMatchObject({ D: 64, L: 3 });
    expect(decodeLink(bar.fragment).experiment.model.L).toBe(3);
  });

  it('goes back to the experiment before one that was put there by hand', async () => {
    const { lab, bar } = await testLab({ fragment: D64 });
    lab.view.getState().set({ room: 'cost' });
    bar.go(encodeLink(setPath(DEFAULTS_V1, 'model.D', 32)));
    await vi.waitFor(() => expect(lab.config.getState().experiment.model.D).toBe(32));
    bar.back();
    await vi.waitFor(() => expect(lab.config.getState().experiment.model.D).toBe(64));
    await vi.waitFor(() => expect(lab.view.getState().room).toBe('cost'));
  });
});
