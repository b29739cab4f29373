import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { setPath } from '../../src/config/edit.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import { COMMANDS } from '../../src/ui/commands.ts';
import { HELP_KEYS } from '../../src/ui/helpKeys.ts';
import { CHART_KEYS } from '../../src/ui/kit/charts/keys.ts';
import { FIGURE_KEYS } from '../../src/ui/kit/figure/cursor.ts';
import { distance, entriesOf, matching } from '../../src/ui/shell/paletteEntries.ts';
import { VIEWS, viewById } from '../../src/ui/views/registry.ts';
import { OFFERED, ROOMS, roomKey } from '../../src/ui/views/rooms.ts';
import { renderPage } from './render.tsx';

/** Every view by the name that a person finds it under, with the room that has it first. */
const WHERE = {
  'Training charts': 'Train',
  'Expert rack': 'Train',
  'Load by layer and slot': 'Train',
  'Load over steps': 'Train',
  Health: 'Train',
  'Sampled text': 'Train',
  'Routing over steps': 'Routing',
  'Over training time': 'Routing',
  'Balance over training': 'Routing',
  'Load per expert': 'Routing',
  'Routing by domain': 'Routing',
  'What is looked at': 'Layers',
  'Experts by layer': 'Layers',
  'Work per token': 'Layers',
  'Flow between layers': 'Layers',
  'Co-activation': 'Layers',
  'Activated ratio by kind': 'Layers',
  'Experts by domain': 'Data',
  'Token classes': 'Data',
  'Easy and difficult tokens': 'Data',
  'By position in the sequence': 'Data',
  'Vocabulary specialisation': 'Data',
  'What if experts were missing': 'Data',
  'Probe tasks': 'Data',
  'Token by token': 'Text',
  'Experts of one domain (EMO)': 'Balance',
  'Load per sequence': 'Balance',
  'Specialisation beside balance': 'Balance',
  'Claims of the papers': 'Papers',
  Queue: 'Papers',
  Sweeps: 'Papers',
  'Difficult tokens (MoDSE)': 'Papers',
  'Routing scores (MoE++)': 'Papers',
  'Contribution of activations (TC-MoE)': 'Papers',
  'Maximal routing weights (LaDiMo)': 'Papers',
  'Printed by the papers': 'Papers',
  'Teacher and settings': 'Convert',
  Distillation: 'Convert',
  'Quality against throughput': 'Convert',
  'Recovery of domains': 'Convert',
  'Board of layers': 'Convert',
  'Teacher and student write': 'Convert',
  'Adaptive policy': 'Convert',
  Library: 'Runs',
  Comparison: 'Runs',
  'A/B': 'Runs',
  'Size and cost': 'Cost',
  'Resource solver': 'Cost',
  'Experts on devices': 'Cost',
  Profiler: 'Cost',
};

const shown = () =>
  [...document.querySelectorAll('[data-view]')]
    .filter((place) => place.closest<HTMLElement>('[data-room]')?.style.display !== 'none')
    .map((place) => place.getAttribute('data-view'))
    .sort();
const key = (name: string, more = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key: name, ...more });

it('has a room for every view', () => {
  expect(Object.keys(WHERE).sort()).toEqual(VIEWS.map(({ title }) => title).sort());
});

describe('rooms', () => {
  it('show their views and no others, and say which is shown', async () => {
    await renderPage();
    for (const room of OFFERED) {
      fireEvent.click(screen.getByRole('button', { name: room.title }));
      await waitFor(() => expect(shown()).toEqual([...room.columns.flat()].sort()));
      for (const id of room.columns.flat())
        await screen.findByRole('region', { name: viewById(id).title });
      const current = document.querySelectorAll('nav [aria-current="page"]');
      expect([...current].map(({ textContent }) => textContent)).toEqual([room.title]);
    }
  });

  it('are gone through by arrow keys', async () => {
    await renderPage();
    const nav = screen.getByRole('navigation', { name: 'Rooms' });
    within(nav).getByRole('button', { name: 'Train' }).focus();
    key('ArrowRight');
    expect(document.activeElement?.textContent).toBe('Routing');
    key('End');
    expect(document.activeElement?.textContent).toBe('Cost');
    key('ArrowRight');
    expect(document.activeElement?.textContent).toBe('Train');
    key('ArrowLeft');
    expect(document.activeElement?.textContent).toBe('Cost');
  });

  it('keep what was typed and found in them', async () => {
    const cost = roomKey(OFFERED.findIndex(({ id }) => id === 'cost'));
    await renderPage();
    fireEvent.change(screen.getByLabelText('Prompt'), { target: { value: 'Call me' } });
    key(cost);
    const solver = await screen.findByRole('region', { name: 'Resource solver' });
    fireEvent.change(within(solver).getByLabelText('Widths'), { target: { value: '9 9' } });
    key('1');
    await waitFor(() => expect(shown()).toContain('samples'));
    expect(screen.getByLabelText<HTMLInputElement>('Prompt').value).toBe('Call me');
    key(cost);
    await waitFor(() => expect(shown()).toContain('solver'));
    expect(within(solver).getByLabelText<HTMLInputElement>('Widths').value).toBe('9 9');
  });

  it('without chrome show views alone', async () => {
    await renderPage({ room: 'embed' });
    expect(screen.queryByRole('navigation')).toBeNull();
    expect(document.querySelector('.header, .transport')).toBeNull();
    expect(screen.queryByRole('complementary')).toBeNull();
    expect(shown()).toEqual(['load', 'loss']);
  });

  it.each(OFFERED)(
    '$title says in its frames what a dense model lacks',
    async ({ id, columns }) => {
      const experiment = setPath(DEFAULTS_V1, 'model.arrangement', 'dense');
      await renderPage({ experiment, room: id });
      for (const view of columns.flat().map(viewById)) {
        const panel = screen.getByRole('region', { name: view.title });
        const missing = within(panel).queryByText('This model has no MoE layer.');
        expect(missing !== null, view.title).toBe(view.needs.moe === true);
      }
    },
  );

  it('put the person’s own values of a view into the address', async () => {
    const { lab, bar } = await renderPage({ room: 'cost' });
    const panel = screen.getByRole('region', { name: 'Experts on devices' });
    const devices = within(panel).getByLabelText<HTMLInputElement>('Number of devices');
    fireEvent.change(devices, { target: { value: '8' } });
    fireEvent.blur(devices);
    expect(lab.view.getState().own.placement).toMatchObject({ devices: 8 });
    await waitFor(() => expect(bar.fragment).toBe('room=cost&placement.devices=8'));
    act(() => bar.go('room=cost&placement.devices=2'));
    await waitFor(() => expect(devices.value).toBe('2'));
  });
});

describe('the palette', () => {
  it.each([...new Set(Object.values(WHERE))])(
    'leads to every view of %s in three actions, by keys alone',
    async (room) => {
      await renderPage();
      const titles = Object.keys(WHERE).filter(
        (title) => WHERE[title as keyof typeof WHERE] === room,
      );
      for (const title of titles) {
        key('1');
        key('k', { ctrlKey: true });
        const text = await screen.findByRole('combobox', { name: /Find a view/ });
        fireEvent.change(text, { target: { value: title } });
        fireEvent.keyDown(text, { key: 'Enter' });
        const place = () => document.activeElement?.closest('[data-view]');
        await waitFor(() =>
          expect(viewById(place()?.getAttribute('data-view') ?? '').title).toBe(title),
        );
        expect(screen.queryByRole('dialog')).toBeNull();
      }
    },
  );

  it('leads to a setting in a group that was closed', async () => {
    const { lab } = await renderPage();
    act(() => lab.view.getState().set({ collapsed: ['router'] }));
    key('k', { metaKey: true });
    const text = await screen.findByRole('combobox', { name: /Find a view/ });
    const label = SETTINGS.find(({ path }) => path === 'router.K')?.label ?? '';
    fireEvent.change(text, { target: { value: label } });
    expect(screen.getAllByRole('option')[0]?.textContent).toContain(label);
    fireEvent.keyDown(text, { key: 'Enter' });
    await waitFor(() =>
      expect(document.activeElement?.closest('[data-path]')?.getAttribute('data-path')).toBe(
        'router.K',
      ),
    );
  });

  it('opens from where a person types, and switches between light and dark', async () => {
    await renderPage();
    screen.getByLabelText('Prompt').focus();
    key('?');
    expect(screen.queryByRole('dialog')).toBeNull();
    key('k', { ctrlKey: true });
    const text = await screen.findByRole('combobox', { name: /Find a view/ });
    fireEvent.change(text, { target: { value: 'light and dark' } });
    fireEvent.keyDown(text, { key: 'Enter' });
    await waitFor(() => expect(document.documentElement.dataset.theme).toBe('dark'));
  });

  it('opens from the drawer of settings, and takes the focus from it', async () => {
    const { lab } = await renderPage();
    act(() => lab.view.getState().set({ sheet: 'settings' }));
    const drawer = await screen.findByRole('dialog', { name: 'Settings' });
    fireEvent.keyDown(within(drawer).getAllByRole('combobox')[0]!, { key: 'k', ctrlKey: true });
    const text = await screen.findByRole('combobox', { name: /Find a view/ });
    expect(document.activeElement).toBe(text);
  });

  it('runs commands, and says so where nothing is called as typed', async () => {
    const { called } = await renderPage();
    key('k', { ctrlKey: true });
    const text = await screen.findByRole('combobox', { name: /Find a view/ });
    fireEvent.change(text, { target: { value: 'qqqq' } });
    screen.getByText('Nothing is called so.');
    fireEvent.change(text, { target: { value: 'take one' } });
    fireEvent.keyDown(text, { key: 'Enter' });
    await waitFor(() => expect(called()).toContain('step'));
  });

  it('finds by letters in order, the nearest first', async () => {
    const { lab } = await renderPage();
    const first = (typed: string) => matching(entriesOf(lab), typed)[0]?.title;
    expect(first('solver')).toBe('Resource solver');
    expect(first('exprack')).toBe('Expert rack');
    expect(first('go to cost')).toBe('Go to Cost');
    expect(distance('Load over steps', 'xyz')).toBeNull();
    expect(first('vocabulary')).toBe('Vocabulary');
    expect(matching(entriesOf(lab), 'load').some(({ title }) => title === 'Temperature')).toBe(
      false,
    );
    expect(entriesOf(lab).some(({ title }) => title === 'Save as safetensors')).toBe(false);
  });
});

describe('keys', () => {
  it('of the help are the keys that are handled', async () => {
    const help = HELP_KEYS.map(({ label }) => label);
    expect(new Set(help).size).toBe(help.length);
    const handled = COMMANDS.flatMap(({ keys }) => (keys === undefined ? [] : [keys.label]));
    expect(help).toEqual([
      ...handled,
      ...[...CHART_KEYS, ...FIGURE_KEYS].map(({ label }) => label),
    ]);
    const { lab } = await renderPage();
    for (const { keys, id, when } of COMMANDS) {
      if (keys === undefined) continue;
      const isOn = when?.(lab) ?? true;
      const { key: name, ctrl = false, shift = false } = keys;
      const event = new KeyboardEvent('keydown', {
        key: name,
        ctrlKey: ctrl,
        shiftKey: shift,
        bubbles: true,
        cancelable: true,
      });
      act(() => void document.body.dispatchEvent(event));
      expect(event.defaultPrevented, id).toBe(isOn);
    }
    await waitFor(() => expect(screen.getByRole('dialog')).toBeTruthy());
  });

  it('of a chart move, pin and reset', async () => {
    const { lab, trainer } = await renderPage();
    await act(() => lab.commands.start());
    act(() => trainer.advance(30));
    const cursor = await screen.findByLabelText('Step cursor of Loss');
    for (const { keys } of CHART_KEYS) {
      for (const name of keys) {
        await waitFor(() => {
          const isUntouched = fireEvent.keyDown(cursor, { key: name });
          expect(isUntouched, name).toBe(false);
        });
      }
    }
  });

  it('lead to every room', async () => {
    const { lab } = await renderPage();
    for (const [i, room] of OFFERED.entries()) {
      key(roomKey(i));
      expect(lab.view.getState().room).toBe(room === ROOMS[0] ? '' : room.id);
    }
  });
});
