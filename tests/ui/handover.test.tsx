import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import type { HandoverAnswer } from '../../src/state/handed.ts';
import { handOver } from '../../src/state/handover.ts';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import Sheets from '../../src/ui/shell/Sheets.tsx';
import { fakeLibrary } from '../runs/fakeLibrary.ts';
import { madeRun } from '../runs/files/support.ts';
import { testLab } from '../state/support.ts';

afterEach(cleanup);

const REFUSAL: HandoverAnswer = {
  reason: 'MixtralForCausalLM cannot express this experiment:',
  settings: ['router.gate is "softmax"; MixtralForCausalLM needs "renormalized"'],
};

async function opened(handed: { id: string; name: string } | null) {
  const test = await testLab({});
  const asked: unknown[] = [];
  const answers: HandoverAnswer[] = [REFUSAL, { blob: new Blob(['zip']) }];
  test.lab.runFiles.handOver = async (run, ask) => {
    asked.push([run, ask]);
    return answers.shift()!;
  };
  test.lab.view.getState().set({ sheet: 'handover', handed });
  render(
    <LabProvider lab={test.lab}>
      <Sheets />
    </LabProvider>,
  );
  const sheet = within(await screen.findByRole('dialog'));
  return { ...test, sheet, asked };
}

it('asks for a class, says what stands in its way, and saves what fits', async () => {
  const { sheet, asked, lab } = await opened({ id: 'a', name: 'Run a' });
  const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:zip');
  expect(sheet.getByText('Hand over Run a')).toBeTruthy();
  fireEvent.change(sheet.getByLabelText('For'), { target: { value: 'mixtral' } });
  expect(sheet.queryByLabelText('Next batches that go along')).toBeNull();
  fireEvent.click(sheet.getByRole('button', { name: 'Save' }));
  expect(await sheet.findByText(REFUSAL.settings[0]!)).toBeTruthy();
  expect(saved).not.toHaveBeenCalled();
  fireEvent.change(sheet.getByLabelText('For'), { target: { value: '' } });
  expect(sheet.queryByText(REFUSAL.settings[0]!)).toBeNull();
  const batches = sheet.getByLabelText('Next batches that go along');
  fireEvent.change(batches, { target: { value: '4' } });
  fireEvent.blur(batches);
  fireEvent.click(sheet.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
  expect(asked).toEqual([
    [{ id: 'a' }, { as: 'mixtral', batches: 0 }],
    [{ id: 'a' }, { as: null, batches: 4 }],
  ]);
  await waitFor(() => expect(lab.view.getState().sheet).toBeNull());
});

/** A sheet whose file is written when it is told to, or cannot be. */
async function writing() {
  const test = await opened({ id: 'a', name: 'Run a' });
  const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:zip');
  saved.mockClear();
  let written = (_: HandoverAnswer) => {};
  let fail = (_: Error) => {};
  test.lab.runFiles.handOver = () =>
    new Promise((resolve, reject) => {
      [written, fail] = [resolve, reject];
    });
  fireEvent.click(test.sheet.getByRole('button', { name: 'Save' }));
  expect(await test.sheet.findByRole('button', { name: 'Writing…' })).toBeTruthy();
  const done = async () => {
    written({ blob: new Blob(['zip']) });
    await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
  };
  return { ...test, done, fail: (error: Error) => fail(error) };
}

it.each(['share', 'handover'] as const)(
  'closes itself alone, not “%s” that is opened later',
  async (sheet) => {
    const { lab, done } = await writing();
    const { set } = lab.view.getState();
    act(() => set({ sheet: null }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    act(() => set({ sheet, handed: { id: 'b', name: 'Run b' } }));
    await screen.findByRole('dialog');
    await done();
    expect(lab.view.getState().sheet).toBe(sheet);
  },
);

it('says that the file could not be written, and can try again', async () => {
  const { sheet, fail } = await writing();
  fail(new TypeError('Failed to fetch dynamically imported module'));
  const says = 'The file was not written: Failed to fetch dynamically imported module';
  expect(await sheet.findByText(says)).toBeTruthy();
  expect(sheet.getByRole('button', { name: 'Save' }).getAttribute('aria-disabled')).toBe('false');
});

it('takes the checkpoint of the open run at its step', async () => {
  const { sheet, asked, lab } = await opened(null);
  const bytes = new Uint8Array([1, 2, 3]);
  lab.commands.checkpoint = async () => bytes;
  expect(sheet.getByText('Hand over the open run')).toBeTruthy();
  fireEvent.click(sheet.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toEqual([
    { checkpoint: bytes, own: null },
    { as: null, batches: 0 },
  ]);
});

it('hands over the last checkpoint of a stored run with its own text, or says why not', async () => {
  const library = fakeLibrary();
  const { row, parts, checkpoints } = await madeRun('a', { name: 'my.txt', text: 'abc' });
  await library.put(row, parts, { name: 'my.txt', text: 'abc' });
  const ask = { as: null, batches: 0 };
  const zip = vi.fn(async () => new Blob(['zip']));
  expect(await handOver({ library, zip }, { id: 'a' }, ask)).toEqual({
    reason: 'No checkpoint of this run is stored.',
    settings: [],
  });
  for (const one of row.checkpoints)
    await library.putCheckpoint('a', one.step, checkpoints.get(one.step)!);
  expect(await handOver({ library, zip }, { id: 'a' }, ask)).toHaveProperty('blob');
  const last = row.checkpoints.at(-1)!.step;
  expect(zip).toHaveBeenCalledWith(
    {
      checkpoint: checkpoints.get(last),
      own: { name: 'my.txt', text: 'abc' },
      parent: { id: 'a', step: last, name: row.name },
    },
    ask,
    expect.objectContaining({ origin: location.origin }),
  );
  zip.mockRejectedValueOnce(new RangeError('Mixtral cannot:\nmodel.L is 2\nmodel.D is 3'));
  expect(await handOver({ library, zip }, { id: 'a' }, ask)).toEqual({
    reason: 'Mixtral cannot:',
    settings: ['model.L is 2', 'model.D is 3'],
  });
});
