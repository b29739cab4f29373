import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, getPath } from '../../src/config/edit.ts';
import type { Experiment, Slot } from '../../src/config/experiment.ts';
import { PRESETS } from '../../src/config/presets.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import { SlotList } from '../../src/ui/form/SlotsInput.tsx';
import { renderPage } from './render.tsx';

/** An experiment for each row in which it has an effect. */
const VARIANTS: readonly Experiment[] = [
  DEFAULTS_V1,
  applyChange(DEFAULTS_V1, {
    'router.selection': 'topp',
    'router.P': 0.5,
    'model.arrangement': 'interleave',
    'router.capacity': 1.25,
    'tokenizer.kind': 'bpe',
    'experts.slots': [{ kind: 'ffn', hidden: 64 }, { kind: 'zero' }],
  }),
  applyChange(DEFAULTS_V1, { 'router.selection': 'randomDrop', 'router.q': 0.2 }),
  applyChange(DEFAULTS_V1, { 'router.selection': 'hash', 'losses.switch.alpha': null }),
  applyChange(DEFAULTS_V1, {
    'router.selection': 'adaptive',
    'router.policy': [{ kind: 'top-1' }, { kind: 'top-2' }, { kind: 'top-3' }, { kind: 'top-2' }],
  }),
];

function fieldOf(path: string): HTMLElement {
  const field = document.querySelector<HTMLElement>(`[data-path="${path}"]`);
  if (field === null) throw new Error(`the form shows no ${path}`);
  return field;
}

it.each(VARIANTS.map((experiment, i) => [i, experiment] as const))(
  'shows every row that has an effect, labelled, with its badge (experiment %i)',
  async (_, experiment) => {
    const { lab } = await renderPage({ experiment });
    act(() => lab.view.getState().set({ collapsed: [] }));
    for (const setting of SETTINGS) {
      const isShown =
        setting.control.type !== 'none' && (setting.visibleWhen?.(experiment) ?? true);
      const field = document.querySelector<HTMLElement>(`[data-path="${setting.path}"]`);
      expect(field !== null, setting.path).toBe(isShown);
      if (field === null) continue;
      within(field).getByText(setting.label);
      within(field).getByText(setting.badge === 'live' ? 'live' : 'new model');
      const label = field.querySelector('label');
      expect(document.getElementById(label?.htmlFor ?? ''), setting.path).not.toBeNull();
    }
  },
);

it('covers all rows with the experiments of this test', () => {
  const hidden = SETTINGS.filter(
    ({ control, visibleWhen }) =>
      control.type !== 'none' && !VARIANTS.some((experiment) => visibleWhen?.(experiment) ?? true),
  );
  expect(hidden.map(({ path }) => path)).toEqual([]);
});

it('sends a live edit to the trainer and leaves a new-model edit pending', async () => {
  const { lab, trainer } = await renderPage();
  await act(() => lab.commands.start());
  const lr = within(fieldOf('optimizer.lr')).getByRole('textbox', { name: /^Peak/ });
  fireEvent.change(lr, { target: { value: '1e-3' } });
  fireEvent.blur(lr);
  expect(trainer.calls.at(-1)).toEqual(['change', { 'optimizer.lr': 0.001 }]);

  fireEvent.click(within(fieldOf('model.tied')).getByRole('switch'));
  const pending = await screen.findByRole('region', { name: /need a new model/ });
  within(pending).getByText(/Tied output/);
  expect(trainer.calls.at(-1)?.[0]).toBe('change');
  fireEvent.click(within(pending).getByRole('button', { name: 'Discard' }));
  await waitFor(() =>
    expect(lab.config.getState().experiment.model.tied).toBe(DEFAULTS_V1.model.tied),
  );
});

it('says what is allowed beside a value that is not, and keeps the old one', async () => {
  const { lab } = await renderPage();
  const width = within(fieldOf('model.D')).getByRole('textbox', { name: /^Model/ });
  fireEvent.change(width, { target: { value: '99999' } });
  fireEvent.blur(width);
  const message = await within(fieldOf('model.D')).findByRole('alert');
  expect(message.textContent).toMatch(/99999.*1 to 8192/);
  expect(width.getAttribute('aria-invalid')).toBe('true');
  expect(lab.config.getState().experiment.model.D).toBe(DEFAULTS_V1.model.D);
});

it('marks a changed setting and resets it', async () => {
  const { lab } = await renderPage();
  await act(() => lab.commands.edit({ 'router.K': 4 }));
  fireEvent.click(
    within(fieldOf('router.K')).getByRole('button', { name: /Reset Slots per token/ }),
  );
  await waitFor(() => expect(lab.config.getState().experiment.router.K).toBe(DEFAULTS_V1.router.K));
});

it('gives a selection what it needs', async () => {
  const { lab } = await renderPage();
  fireEvent.change(within(fieldOf('router.selection')).getByRole('combobox'), {
    target: { value: 'topp' },
  });
  await waitFor(() => expect(lab.config.getState().experiment.router.P).toBe(0.4));
});

it('edits the expert space slot by slot', async () => {
  const { lab } = await renderPage();
  const slots = () => lab.config.getState().experiment.experts.slots;
  const width = screen.getByLabelText('Width of slot 2');
  fireEvent.change(width, { target: { value: '512' } });
  fireEvent.blur(width);
  await waitFor(() => expect(slots()[2]).toEqual({ kind: 'ffn', hidden: 512 }));
  fireEvent.change(screen.getByLabelText('Kind of slot 7'), { target: { value: 'zero' } });
  await waitFor(() => expect(slots()[7]).toEqual({ kind: 'zero' }));
  fireEvent.click(screen.getByRole('button', { name: 'Remove slot 0' }));
  await waitFor(() => expect(slots()).toHaveLength(7));
  fireEvent.click(screen.getByRole('button', { name: 'Duplicate slot 1' }));
  await waitFor(() => expect(slots()[2]).toEqual({ kind: 'ffn', hidden: 512 }));
});

it('keeps negated slots with their expert when a slot is removed', async () => {
  const experiment = applyChange(DEFAULTS_V1, {
    'experts.slots': [
      { kind: 'ffn', hidden: 8 },
      { kind: 'ffn', hidden: 16 },
      { kind: 'negated', of: 0 },
      { kind: 'negated', of: 1 },
    ],
  });
  const { lab } = await renderPage({ experiment });
  fireEvent.click(screen.getByRole('button', { name: 'Remove slot 0' }));
  await waitFor(() =>
    expect(lab.config.getState().experiment.experts.slots).toEqual([
      { kind: 'ffn', hidden: 16 },
      { kind: 'negated', of: 0 },
    ]),
  );
});

it.each([
  ['Duplicate slot 1', 'z E0 E0 E1 −0 −2'],
  ['Duplicate slot 3', 'z E0 E1 −0 −0 −1'],
  ['Remove slot 1', 'z E1 −0'],
  ['Kind of slot 0: ffn', 'E256 E0 E1 −1 −2'],
  ['Kind of slot 1: zero', 'z z E1 −0'],
  ['Kind of slot 1: negated', 'z −0 E1 −0'],
])('keeps negated slots with their expert at “%s”', (edit, after) => {
  const changed: Slot[][] = [];
  const slots: Slot[] = [
    { kind: 'zero' },
    { kind: 'ffn', hidden: 10 },
    { kind: 'ffn', hidden: 11 },
    { kind: 'negated', of: 0 },
    { kind: 'negated', of: 1 },
  ];
  render(<SlotList id="slots" label="Slots" slots={slots} change={(next) => changed.push(next)} />);
  const [name = '', kind] = edit.split(': ');
  if (kind === undefined) fireEvent.click(screen.getByRole('button', { name }));
  else fireEvent.change(screen.getByLabelText(name), { target: { value: kind } });
  const words = changed[0]?.map((slot) => {
    if (slot.kind === 'ffn') return `E${slot.hidden < 100 ? slot.hidden - 10 : slot.hidden}`;
    return slot.kind === 'negated' ? `−${slot.of}` : 'z';
  });
  expect(words?.join(' ')).toBe(after);
});

it('applies a preset of a paper and names it', async () => {
  const { lab } = await renderPage();
  const preset = PRESETS.find(({ id }) => id === 'modse-pairs') ?? PRESETS[0];
  if (preset === undefined) throw new Error('there is no preset');
  fireEvent.click(screen.getByRole('button', { name: /^Preset/ }));
  fireEvent.click(await screen.findByText(preset.title));
  await waitFor(() =>
    expect(getPath(lab.config.getState().experiment, 'experts.slots')).toEqual(
      preset.experiment.experts.slots,
    ),
  );
  await screen.findByRole('button', { name: `Preset ${preset.title}` });
});

it('takes an own text that is pasted and refuses an empty one', async () => {
  const { lab } = await renderPage();
  fireEvent.click(screen.getByRole('button', { name: 'Paste' }));
  fireEvent.click(screen.getByRole('button', { name: 'Use this text' }));
  await screen.findByText(/nothing to train on/);
  fireEvent.change(screen.getByLabelText('Text to train on'), { target: { value: 'abc abc' } });
  fireEvent.click(screen.getByRole('button', { name: 'Use this text' }));
  await screen.findByText(/7 characters/);
  expect(lab.config.getState().experiment.data.mix.own).toBe(1);
  expect(lab.config.getState().own?.text).toBe('abc abc');
});
