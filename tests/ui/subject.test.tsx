import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { createInstruments } from '../../src/state/looks/instruments.ts';
import { makeRow, NO_PARTS } from '../runs/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { renderPage } from './render.tsx';

const TITLE = 'What is looked at';

it('chooses the text and the runs that instruments look at', async () => {
  const { lab } = await renderPage({ room: 'layers' });
  const panel = screen.getByRole('region', { name: TITLE });
  expect(within(panel).getByText('validation text')).toBeTruthy();
  // Effects of the first drawing are over.
  await act(async () => {});
  const batches = within(panel).getByLabelText('Batches');
  fireEvent.change(batches, { target: { value: '9' } });
  fireEvent.keyDown(batches, { key: 'Enter' });
  expect(lab.view.getState().own.subject).toMatchObject({ batches: 9 });
  fireEvent.change(within(panel).getByLabelText('Text'), { target: { value: 'own' } });
  fireEvent.change(within(panel).getByLabelText('Your own text'), { target: { value: 'a text' } });
  await waitFor(() => expect(within(panel).getByText('your own text')).toBeTruthy());
});

it('says of a model that looks ahead that its losses are not causal', async () => {
  const experiment = applyChange(DEFAULTS_V1, {
    'router.selection': 'expertChoice',
    'losses.switch.alpha': null,
  });
  await renderPage({ room: 'layers', experiment });
  const panel = screen.getByRole('region', { name: TITLE });
  expect(await within(panel).findByText(/^This run: .* not causal/)).toBeTruthy();
});

it('looks at a live run again while it trains, and at nothing once nobody watches', async () => {
  const { lab, trainer } = await renderPage({ room: 'layers' });
  const { looks, sides } = lab.instruments(createInstruments);
  const asked = () =>
    trainer.calls.filter(
      ([name, ask]) => name === 'inspect' && JSON.stringify(ask).includes('"validation":1}'),
    );
  let changes = 0;
  const watch = looks.watch(
    { validation: 1 },
    [{ figure: 'kinds' }, { figure: 'difficult', quantiles: [0.5] }],
    () => {
      changes += 1;
    },
  );
  expect(watch.answers()[0]?.problem).toMatch(/press Start/);
  await act(() => lab.commands.start());
  await waitFor(() => expect(watch.answers()[0]?.answers[0]?.result).toBeTruthy());
  const [a] = watch.answers();
  expect(a?.look?.step).toBe(lab.run.getState().step);
  expect(a?.answers[1]).toMatchObject({ result: null, refusal: /baseline/ });
  await act(() => lab.commands.pause());
  act(() => trainer.advance(3));
  await waitFor(() => expect(watch.answers()[0]?.look?.step).toBe(lab.run.getState().step));
  sides.getState().setHeld(true);
  const before = asked().length;
  watch.stop();
  act(() => trainer.advance(3));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(asked()).toHaveLength(before);
  expect(changes).toBeGreaterThan(1);
});

it('compares with a stored run on the same tokens', async () => {
  const row = makeRow('r1', {
    name: 'Wide',
    checkpoints: [{ step: 7, bytes: 1, isPinned: false, at: 1 }],
  });
  const { lab } = await renderPage({
    room: 'layers',
    library: fakeLibrary([{ row, parts: NO_PARTS }]),
  });
  const { looks, sides } = lab.instruments(createInstruments);
  await act(() => lab.commands.start());
  await act(() => lab.commands.pause());
  const watch = looks.watch(
    { validation: 1 },
    [{ figure: 'difficult', quantiles: [0.5] }],
    () => {},
  );
  const panel = screen.getByRole('region', { name: TITLE });
  await waitFor(() => within(panel).getAllByText('Wide'));
  fireEvent.change(within(panel).getByLabelText('Beside'), { target: { value: 'r1' } });
  await waitFor(() => expect(sides.getState().sides).toHaveLength(2));
  await waitFor(() =>
    expect(watch.answers().map(({ answers }) => answers[0]?.refusal)).toEqual([null, null]),
  );
  await waitFor(() => expect(watch.answers()[1]?.answers[0]?.result).toBeTruthy());
  expect(watch.answers()[1]?.look?.tokens).toEqual(watch.answers()[0]?.look?.tokens);
  watch.stop();
});

it('stays with its sides when the list of runs changes for nothing of theirs', async () => {
  const row = makeRow('r1', { name: 'Wide' });
  const library = fakeLibrary([{ row, parts: NO_PARTS }]);
  const { lab } = await renderPage({ room: 'layers', library });
  const { sides } = lab.instruments(createInstruments);
  const before = sides.getState().sides;
  const { rows } = lab.library.getState();
  act(() => lab.library.setState({ rows: [...rows] }));
  expect(sides.getState().sides).toBe(before);
});
