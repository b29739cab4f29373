import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { readSafetensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { fakeLibrary } from '../runs/fakeLibrary.ts';
import { bytesOfRuns, madeRow, madeRun } from '../runs/files/support.ts';
import { TINY } from '../train/support.ts';
import { renderPage } from './render.tsx';

/** Drops a file on the page. */
async function drop(file: File): Promise<void> {
  const data = { types: ['Files'], files: [file] };
  await act(async () => {
    fireEvent.drop(document.body, { dataTransfer: data });
  });
}

it('takes in the runs of a zip that is dropped on the page, once', async () => {
  const library = fakeLibrary();
  await renderPage({ library });
  const file = new File([await bytesOfRuns([await madeRun('a')])], 'mine.zip');
  await drop(file);
  await screen.findByText(`1 run came in from mine.zip: ${madeRow('a').name}.`);
  await drop(file);
  await screen.findByText(`1 run was there already: ${madeRow('a').name}.`);
  expect(await library.rows()).toHaveLength(1);
});

/** Parameters without an experiment, as another program writes them. */
function bare(experiment: Experiment, V: number): File {
  const model = { ...experiment.model, V };
  const state = initialState(engineConfig({ ...experiment, model }, 8), 0.02, 1);
  const { tensors } = readSafetensors(encodeCheckpoint({ experiment, state }));
  const own = new Map([...tensors].filter(([name]) => !name.startsWith('moment')));
  return new File([Uint8Array.from(writeSafetensors(own))], 'theirs.safetensors');
}

const field = (name: RegExp) => within(screen.getByRole('dialog')).getByLabelText(name);

it('asks what a checkpoint of another program does not tell, then opens it', async () => {
  const test = await renderPage();
  const model = { ...TINY.model, D: 24, H: 6, Hkv: 2 };
  let opened: Uint8Array | null = null;
  const restore = test.lab.commands.restore;
  test.lab.commands.restore = async (bytes) => {
    opened = bytes;
  };
  await drop(bare({ ...TINY, model }, 256));
  const dialog = await screen.findByRole('dialog', {
    name: /theirs.safetensors names no experiment/,
  });
  expect(dialog.textContent).toMatch(/V = 256, D = 24, L = 2, keys of 8, full, head of its own/);
  const choices = (name: RegExp) =>
    within(field(name))
      .getAllByRole<HTMLOptionElement>('option')
      .map(({ value }) => value);
  expect(choices(/^Tokenizer/)).toEqual(['bytes', 'chars']);
  expect(choices(/^Query heads/)).toEqual(['3', '6', '12', '24']);
  fireEvent.change(field(/^Query heads/), { target: { value: '24' } });
  expect(within(dialog).getByRole('alert').textContent).toMatch(/head width Dh = D\/H = 1 is odd/);
  expect(within(dialog).getByRole('button', { name: 'Open it' })).toHaveProperty('disabled', true);
  fireEvent.change(field(/^Query heads/), { target: { value: '6' } });
  fireEvent.change(field(/^Slots per token/), { target: { value: '1' } });
  fireEvent.blur(field(/^Slots per token/));
  await act(async () => {
    fireEvent.click(within(dialog).getByRole('button', { name: 'Open it' }));
  });
  await waitFor(() => expect(opened).not.toBeNull());
  expect(screen.queryByRole('dialog')).toBeNull();
  const { experiment, state } = decodeCheckpoint(opened!);
  expect(experiment.model).toMatchObject({ V: 256, D: 24, L: 2, H: 6, Hkv: 2 });
  expect(experiment.router.K).toBe(1);
  expect(experiment.experts.slots).toEqual(TINY.experts.slots);
  expect(state.step).toBe(0);
  test.lab.commands.restore = restore;
});

it('opens nothing where the questions are closed, or no tokenizer could read it', async () => {
  const test = await renderPage();
  await drop(bare(TINY, 300));
  const dialog = await screen.findByRole('dialog');
  fireEvent.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await drop(bare(TINY, 5000));
  await screen.findByText(/theirs.safetensors was not opened: no tokenizer here reads its 5,000/);
  expect(test.called()).not.toContain('restore');
});
