import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { renderPage } from './render.tsx';

const NOW = Date.now();

async function withRuns(count: number) {
  const library = fakeLibrary(Array.from({ length: count }, (_, i) => syntheticRun(i, 60, NOW)));
  const test = await renderPage({ room: 'runs', library });
  const panel = screen.getByRole('region', { name: 'Library' });
  if (count > 0) await within(panel).findByText(`${count} ${count === 1 ? 'run' : 'runs'}`);
  return { ...test, library, panel };
}

/** Names of the listed runs, in order. */
const names = (panel: HTMLElement) =>
  [...panel.querySelectorAll('tr[data-run] [data-at="name"]')].map(
    ({ textContent }) => textContent,
  );
const find = (panel: HTMLElement, text: string) =>
  fireEvent.change(within(panel).getByRole('searchbox', { name: 'Find runs' }), {
    target: { value: text },
  });
const press = (within_: HTMLElement, name: string | RegExp) =>
  fireEvent.click(within(within_).getByRole('button', { name }));

describe('Library', () => {
  it('says what it is for while it is empty', async () => {
    const { panel } = await withRuns(0);
    await within(panel).findByText(/every run that takes a step is kept here/);
  });

  it('lists runs, latest first, with what differs from the defaults', async () => {
    const { panel } = await withRuns(7);
    expect(names(panel).slice(0, 2)).toEqual(['baseline, seed 1', 'baseline, seed 2']);
    const row = within(panel).getByRole('row', { name: /top-1, seed 2/ });
    expect(within(row).getByRole('button', { name: 'K 1' })).toBeTruthy();
    expect(row.textContent).toContain('60');
    within(panel).getByText(/12.3 MiB used of 1.86 GiB/);
  });

  it('is ordered by its heads, up and down, and by a menu where those have no room', async () => {
    const { panel, lab } = await withRuns(12);
    press(panel, 'Last loss');
    const losses = () =>
      [...panel.querySelectorAll('tr[data-run] td:nth-child(6)')].map((cell) =>
        Number(cell.textContent),
      );
    await waitFor(() => expect(losses()).toEqual([...losses()].sort((a, b) => a - b)));
    expect(panel.querySelector('[aria-sort="ascending"]')?.textContent).toContain('Last loss');
    press(panel, /Last loss/);
    await waitFor(() => expect(losses()).toEqual([...losses()].sort((a, b) => b - a)));
    expect(lab.view.getState().own.library).toMatchObject({ order: 'last', isDescending: true });
    press(panel, 'Order of the list');
    fireEvent.click(await screen.findByText('Status', { selector: '[role="menuitem"]' }));
    expect(lab.view.getState().own.library).toMatchObject({ order: 'status', isDescending: false });
  });

  it('finds runs by words and settings, by a press on what differs too', async () => {
    const { panel } = await withRuns(12);
    find(panel, 'seed 2');
    await waitFor(() => expect(names(panel)).toHaveLength(3));
    within(panel).getByText('3 of 12 runs');
    find(panel, 'colour=red');
    await within(panel).findByText('colour is no setting');
    find(panel, 'nobody');
    await within(panel).findByText('No run is like that.');
    find(panel, '');
    await waitFor(() => expect(names(panel)).toHaveLength(12));
    fireEvent.click(within(panel).getAllByRole('button', { name: 'K 1' })[0]!);
    await waitFor(() => expect(names(panel)).toHaveLength(5));
    expect(within(panel).getByRole<HTMLInputElement>('searchbox').value).toBe('K=1');
  });

  it('renames in place with F2, and stores it', async () => {
    const { panel, library } = await withRuns(3);
    fireEvent.keyDown(within(panel).getByRole('button', { name: 'baseline, seed 2' }), {
      key: 'F2',
    });
    const input = await within(panel).findByLabelText('Name of baseline, seed 2');
    fireEvent.change(input, { target: { value: 'the good one' } });
    fireEvent.keyDown(input, { key: 'Enter' });
    await waitFor(() => expect(names(panel)[1]).toBe('the good one'));
    expect((await library.row('synthetic-1'))?.name).toBe('the good one');
  });

  it('takes notes and tags in the details', async () => {
    const { panel, library } = await withRuns(3);
    press(panel, 'baseline, seed 1');
    const details = await within(panel).findByRole('region', {
      name: 'Details of baseline, seed 1',
    });
    const note = within(details).getByLabelText('Note');
    fireEvent.change(note, { target: { value: 'try twice as long' } });
    fireEvent.blur(note);
    const tags = within(details).getByLabelText(/^Tags/);
    fireEvent.change(tags, { target: { value: ' paper, main,, paper ' } });
    fireEvent.blur(tags);
    await waitFor(async () =>
      expect(await library.row('synthetic-0')).toMatchObject({
        note: 'try twice as long',
        tags: ['paper', 'main'],
      }),
    );
    await within(panel).findByRole('button', { name: 'main' });
  });

  it('deletes what is chosen, and takes it back', async () => {
    const { panel } = await withRuns(4);
    for (const seed of [1, 3])
      fireEvent.click(within(panel).getByLabelText(`Choose baseline, seed ${seed}`));
    const chosen = within(panel).getByRole('region', { name: 'Chosen runs' });
    within(chosen).getByText('2 runs chosen');
    press(chosen, 'Delete');
    await waitFor(() => expect(names(panel)).toEqual(['baseline, seed 2', 'baseline, seed 4']));
    await within(panel).findByText(/2 runs were deleted/);
    press(panel, 'Undo');
    await waitFor(() => expect(names(panel)).toHaveLength(4));
    expect(within(panel).queryByText(/were deleted/)).toBeNull();
  });

  it('lists what is damaged with the reason, to be saved as it is or deleted', async () => {
    const damaged = [{ id: 'x', name: 'Broken', reason: 'steps: "many" is not allowed' }];
    const library = fakeLibrary([syntheticRun(0, 60, NOW)], damaged);
    const { lab } = await renderPage({ room: 'runs', library });
    const panel = screen.getByRole('region', { name: 'Library' });
    await within(panel).findByText('1 run is damaged and cannot be opened.');
    expect(within(panel).getByRole('region', { name: 'Damaged runs' }).textContent).toContain(
      'Broken steps: "many" is not allowed',
    );
    expect(names(panel)).toHaveLength(1);
    const writeRaw = vi.spyOn(lab.runFiles, 'writeRaw').mockResolvedValue(new Blob(['zip']));
    const saved: string[] = [];
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push(this.download);
    });
    press(panel, 'Save what is stored of Broken');
    await waitFor(() => expect(saved).toEqual(['damaged-x.zip']));
    expect(writeRaw).toHaveBeenCalledWith('x');
    press(panel, 'Delete Broken');
    await within(panel).findByText(/“Broken” was deleted/);
    expect(within(panel).queryByRole('region', { name: 'Damaged runs' })).toBeNull();
    press(panel, 'Undo');
    await within(panel).findByRole('region', { name: 'Damaged runs' });
    vi.restoreAllMocks();
  });

  it('pins a checkpoint and asks the browser then to keep everything', async () => {
    const { panel, library } = await withRuns(2);
    press(panel, 'baseline, seed 1');
    press(panel, 'Pin step 60');
    await waitFor(() => expect(library.calls).toContainEqual(['pin', ['synthetic-0', 60, true]]));
    await within(panel).findByText('The browser keeps what is stored until you delete it.');
    press(panel, 'Delete the checkpoint of step 30');
    await waitFor(() => expect(within(panel).queryByText('Fork at step 30')).toBeNull());
  });

  it('writes what is chosen into one file', async () => {
    const { panel, lab } = await withRuns(3);
    const write = vi.spyOn(lab.runFiles, 'write').mockResolvedValue(new Blob(['zip']));
    const saved: string[] = [];
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push(this.download);
    });
    for (const seed of [1, 3])
      fireEvent.click(within(panel).getByLabelText(`Choose baseline, seed ${seed}`));
    press(panel, 'Export the chosen runs');
    const box = await screen.findByRole('dialog');
    fireEvent.change(within(box).getByLabelText('Checkpoints'), { target: { value: 'none' } });
    press(box, 'Save');
    await waitFor(() => expect(saved).toEqual(['2-runs.zip']));
    expect(write).toHaveBeenCalledWith(['synthetic-0', 'synthetic-2'], {
      checkpoints: 'none',
      ownText: false,
    });
    vi.restoreAllMocks();
  });

  it('draws lineage as a tree', async () => {
    const { panel } = await withRuns(12);
    press(panel, 'Lineage');
    const family = await within(panel).findByRole('region', {
      name: 'top-1, seed 5 and its forks',
    });
    expect(family.textContent).toContain('forked from top-1, seed 5 at step 30');
    expect(within(family).getAllByRole('listitem')).toHaveLength(2);
  });

  it('shows a stored run in the views, and the live one again', async () => {
    const { panel, lab } = await withRuns(3);
    press(panel, 'baseline, seed 3');
    press(panel, 'Open');
    const banner = await screen.findByRole('region', { name: 'A stored run is shown' });
    expect(banner.textContent).toContain('You see baseline, seed 3, 60 steps');
    const { source } = lab;
    expect(lab.library.getState().shown?.line('ce').values).toHaveLength(60);
    expect(lab.view.getState().room).toBe('');
    expect(source.step).toBe(0);
    press(banner, 'Back to the live run');
    await waitFor(() => expect(screen.queryByText(/You see/)).toBeNull());
  });

  it('opens a run in the room to which a person went while it was read', async () => {
    const { panel, lab } = await withRuns(3);
    const { library: runs, view } = lab;
    const { show } = runs.getState();
    let read = (): void => undefined;
    const isRead = new Promise<void>((resolve) => {
      read = resolve;
    });
    const held = (id: string) => isRead.then(() => show(id));
    act(() => runs.setState({ show: held }));
    press(panel, 'baseline, seed 3');
    press(panel, 'Open');
    act(() => view.getState().set({ room: 'data' }));
    await act(async () => read());
    await screen.findByRole('region', { name: 'A stored run is shown' });
    expect(view.getState().room).toBe('data');
  });

  it('lets a row be reached by arrow keys, and lights it', async () => {
    const { panel, lab } = await withRuns(3);
    const first = within(panel).getByRole('button', { name: 'baseline, seed 1' });
    first.focus();
    expect(lab.library.getState().lit.has('synthetic-0')).toBe(true);
    fireEvent.keyDown(first, { key: 'ArrowDown' });
    expect(document.activeElement?.textContent).toBe('baseline, seed 2');
    expect([...lab.library.getState().lit]).toEqual(['synthetic-1']);
  });

  it('draws runs beside the live one where a person wants it', async () => {
    const { panel, lab } = await withRuns(3);
    press(panel, 'Show baseline, seed 2 beside the live run');
    await waitFor(() =>
      expect(lab.kept.getState().runs.map(({ name }) => name)).toEqual(['baseline, seed 2']),
    );
    await act(() => lab.library.getState().remove(['synthetic-1']));
    expect(lab.kept.getState().runs).toEqual([]);
  });

  it('takes curves of other programs from files', async () => {
    const { panel, lab } = await withRuns(1);
    const inputs: HTMLInputElement[] = [];
    const make = document.createElement.bind(document);
    document.createElement = ((tag: string) => {
      const element = make(tag);
      if (element instanceof HTMLInputElement) inputs.push(element);
      return element;
    }) as typeof document.createElement;
    press(panel, 'Add CSV…');
    document.createElement = make;
    const chooser = inputs.at(-1)!;
    const file = new File(['step,loss\n1,5\n2,4\n3,3.5\n'], 'other.csv', { type: 'text/csv' });
    Object.defineProperty(chooser, 'files', { value: [file] });
    fireEvent.change(chooser);
    await within(panel).findByText('2 runs');
    const row = lab.library.getState().rows.find(({ origin }) => origin === 'curves');
    expect(row).toMatchObject({ name: 'other', steps: 3, experiment: null });
    expect(row?.last.ce).toEqual({ step: 3, value: 3.5 });
    await within(panel).findByText('curves of another program');
  });
});
