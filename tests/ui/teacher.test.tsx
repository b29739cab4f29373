import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { presetById } from '../../src/config/presets.ts';
import { TEACHER_FIELDS } from '../../src/ui/views/teacher/fields.ts';
import { readSettings, writeSettings } from '../../src/ui/views/teacher/setSettings.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { DENSE, withTeacher } from './converting.ts';
import { renderView } from './renderView.tsx';

const TITLE = 'Teacher and settings';

it('offers a dense model to train where there is none', async () => {
  const { lab, trainer, panel } = await renderView('teacher');
  const title = presetById('ladimo-small')!.title;
  fireEvent.click(await within(panel).findByRole('button', { name: `Train: ${title}` }));
  await waitFor(() => expect(trainer.calls.map(([name]) => name)).toContain('start'));
  expect(lab.config.getState().running?.model.arrangement).toBe('dense');
  await act(async () => trainer.advance(5));
  const select = await within(panel).findByLabelText('Teacher');
  await waitFor(() => expect((select as HTMLSelectElement).value).toBe('live'));
  expect(screen.getByRole('region', { name: TITLE })).toBe(panel);
});

it('plans what is set, and begins with it', async () => {
  const { trainer, panel, store } = await withTeacher('teacher');
  const facts = await within(panel).findByLabelText('What to expect');
  expect(facts.textContent).toContain('1 min 05 s');
  expect(facts.textContent).toContain('3 layers × 1 seed × 1,000 steps');
  const experts = within(panel).getByLabelText(/^Experts(?! per)/, { selector: 'input' });
  fireEvent.change(experts, { target: { value: '5' } });
  fireEvent.keyDown(experts, { key: 'Enter' });
  await within(panel).findByText(/^N: 5 experts do not divide 64 hidden units; it must be one of/);
  const begin = within(panel).getByRole('button', { name: 'Convert' });
  expect(begin.getAttribute('aria-disabled')).toBe('true');
  fireEvent.change(experts, { target: { value: '65' } });
  fireEvent.keyDown(experts, { key: 'Enter' });
  expect(panel.textContent).toMatch(/65.*from 1 to 64/);
  fireEvent.change(experts, { target: { value: '4' } });
  fireEvent.keyDown(experts, { key: 'Enter' });
  fireEvent.click(within(panel).getByLabelText('L0'));
  await waitFor(() => expect(begin.getAttribute('aria-disabled')).toBeNull());
  await waitFor(() => expect(store.getState().planned?.plan?.settings.layers).toEqual([1, 2]));
  fireEvent.click(begin);
  await waitFor(() => expect(trainer.calls.map(([name]) => name)).toContain('begin'));
  const [, asked] = trainer.calls.find(([name]) => name === 'begin')!;
  expect(asked).toEqual({ teacher: 'live', settings: { N: 4, layers: [1, 2] } });
});

it('switches clipping off, or leaves it as the teacher has it', async () => {
  const { panel, store } = await withTeacher('teacher');
  const clip = () => store.getState().planned?.plan?.settings.optimizer.clip;
  await waitFor(() => expect(store.getState().planned?.plan).toBeDefined());
  expect(clip()).toBeUndefined();
  const off = within(panel).getByLabelText<HTMLInputElement>('Clipping off');
  expect(off.checked).toBe(false);
  fireEvent.click(off);
  await waitFor(() => expect(clip()).toBeNull());
  expect(off.checked).toBe(true);
  expect(within(panel).queryByLabelText(/^Clipping(?! off)/, { selector: 'input' })).toBeNull();
  fireEvent.click(off);
  await waitFor(() => expect(clip()).toBeUndefined());
  expect(off.checked).toBe(false);
});

it('begins with as many experts as divide the width', async () => {
  const { store } = await withTeacher('teacher', {
    experiment: { ...DENSE, model: { ...DENSE.model, denseHidden: 60 } },
  });
  await waitFor(() => expect(store.getState().planned?.plan?.settings.N).toBe(6));
});

it('lists dense runs of the library, and takes a file that is dropped', async () => {
  const checkpoints = [{ step: 7, bytes: 1, isPinned: false, at: 1 }];
  const rows = [
    makeRow('dense', { name: 'Kept teacher', experiment: DENSE, checkpoints }),
    makeRow('moe', { name: 'A mixture', checkpoints }),
    makeRow('bare', { name: 'No parameters', experiment: DENSE }),
  ];
  const library = fakeLibrary(rows.map((row) => ({ row, parts: NO_PARTS })));
  const { lab, panel } = await renderView('teacher', { library });
  const select = await within(panel).findByLabelText<HTMLSelectElement>('Teacher');
  await waitFor(() => expect(select.value).toBe('dense'));
  expect(select.textContent).toContain('Kept teacher');
  expect(select.textContent).not.toMatch(/A mixture|No parameters/);
  lab.runFiles.ownCheckpoint = async (bytes) => bytes;
  const file = new File([new Uint8Array([1, 2, 3])], 'teacher.safetensors');
  fireEvent.drop(select, { dataTransfer: { files: [file] } });
  await waitFor(() => expect(select.value).toBe('file'));
  expect(select.textContent).toContain('teacher.safetensors');
});

it('shows the layers of a file whose settings are refused, and leaves a run that is deleted', async () => {
  const checkpoints = [{ step: 7, bytes: 1, isPinned: false, at: 1 }];
  const row = makeRow('dense', { name: 'Kept teacher', experiment: DENSE, checkpoints });
  const library = fakeLibrary([{ row, parts: NO_PARTS }]);
  const { lab, panel, store } = await withTeacher('teacher', { library });
  act(() => store.getState().choose({ run: 'dense', step: null }));
  await act(() => lab.library.getState().remove(['dense']));
  await waitFor(() => expect(store.getState().teacher).toBe('live'));

  act(() => store.getState().choose({ file: 'a.safetensors', bytes: new Uint8Array(3) }));
  for (const layer of ['L0', 'L1', 'L2'])
    fireEvent.click(await within(panel).findByLabelText(layer));
  await within(panel).findByText('layers: none is named; at least one is converted');
  fireEvent.click(within(panel).getByLabelText('L1'));
  await waitFor(() => expect(store.getState().planned?.plan?.settings.layers).toEqual([1]));
});

it('deletes a conversion at the second press, and shows what is left', async () => {
  const { panel, store, trainer } = await withTeacher('teacher');
  await act(() => store.getState().begin({ N: 4, steps: 10 }));
  await act(async () => trainer.finish());
  await waitFor(() => expect(store.getState().state?.students).toHaveLength(6));
  fireEvent.click(await within(panel).findByText(/^Stored conversions/));
  const deleted = () => trainer.calls.filter(([name]) => name === 'remove conversion');
  fireEvent.click(within(panel).getByRole('button', { name: 'Delete Fake teacher' }));
  expect(deleted()).toEqual([]);
  fireEvent.click(within(panel).getByRole('button', { name: 'Delete Fake teacher for good' }));
  await waitFor(() => expect(store.getState().state).toBeNull());
  expect(deleted()).toHaveLength(1);
});

it('replays the conversion of a link', async () => {
  const { trainer, panel } = await withTeacher('teacher');
  fireEvent.click(await within(panel).findByText(/^Stored conversions/));
  fireEvent.change(within(panel).getByLabelText('Link of a conversion'), {
    target: { value: ' #v=1&cv=x ' },
  });
  fireEvent.click(within(panel).getByRole('button', { name: 'Replay it' }));
  await waitFor(() => expect(trainer.calls).toContainEqual(['replay', '#v=1&cv=x']));
});

it('keeps its settings in links', () => {
  const { settings } = TEACHER_FIELDS;
  const value = { N: 4, start: 'random', layers: [1, 2], 'optimizer.lr': 1e-7, 'policy.pu': 0.5 };
  const text = settings.read(writeSettings(value));
  expect(text).toMatch(/^[\w.,:~-]+$/);
  expect(readSettings(text ?? '')).toEqual(value);
  expect(readSettings(writeSettings({ layers: [] }))).toEqual({ layers: [] });
  expect(readSettings('__proto__:1,N:4,x.y.z:2')).toEqual({ N: 4 });
  expect(settings.read('N:<b>')).toBeUndefined();
});
