import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { expertsOf, memoryOf, phasesOf, profileCsv } from '../../src/ui/views/profiler/figures.ts';
import type { SessionProfile } from '../../src/worker/api.ts';
import { fakeProfile } from './fakeProfile.ts';
import { renderPage } from './render.tsx';

const SPACES = layerSpaces(DEFAULTS_V1);
const L = SPACES.length;
const REPORT = fakeProfile(SPACES, 20, 40);

async function openProfiler() {
  const test = await renderPage({ room: 'cost' });
  const panel = await screen.findByLabelText('Profiler');
  const button = (name: string | RegExp) => within(panel).getByRole('button', { name });
  return {
    ...test,
    panel,
    button,
    click: (name: string | RegExp) => fireEvent.click(button(name)),
  };
}

/** A profile that is under way until it is let go. */
function heldProfile(trainer: { profile: (steps: number) => Promise<SessionProfile> }) {
  let finish: (report: SessionProfile) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  vi.spyOn(trainer, 'profile').mockImplementation(
    () =>
      new Promise((resolve, reject) => {
        finish = resolve;
        fail = reject;
      }),
  );
  return { finish: () => finish(REPORT), fail: (error: Error) => fail(error) };
}

it('adds up kernels by phase and layer, and tells which limit is nearer', () => {
  const [forward, backward, optimizer] = phasesOf(REPORT);
  expect([forward?.phase, backward?.phase, optimizer?.phase]).toEqual([
    'forward',
    'backward',
    'optimizer',
  ]);
  // The longest first; those of other layers within.
  expect(forward?.kernels.map(({ kernel }) => kernel)).toEqual([
    'expertUp.fwd',
    'linear.fwd',
    'embedding.fwd',
  ]);
  const up = forward?.kernels[0];
  expect(up).toMatchObject({ calls: 2 * L, ms: 3 * L });
  expect(up?.layers.map(({ layer, ms }) => [layer, ms])).toEqual(
    SPACES.map(({ layer }) => [layer, 3]),
  );
  // 10⁶ FLOPs and 10⁵ bytes per millisecond: 1 GFLOP/s of 4, 0.1 GB/s of 0.2.
  expect(up?.gflopsPerSec).toBeCloseTo(1, 9);
  expect(up?.limit?.of).toBe('copy');
  expect(up?.limit?.part).toBeCloseTo(0.5, 9);
  expect(forward?.kernels[2]?.limit).toBeNull();
  const shares = [forward, backward, optimizer].reduce((sum, one) => sum + (one?.share ?? 0), 0);
  expect(shares).toBeCloseTo(1, 9);
});

it('gives each expert its part, and memory by use with alike buffers together', () => {
  const experts = expertsOf(REPORT, 0);
  expect(experts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(experts[1]).toMatchObject({ ms: 6, rows: 20, usPerRow: 300 });
  const scratch = {
    class: 'activations',
    use: 'scratch',
    label: 'Scratch',
    buffers: 2,
    bytes: 2 ** 19,
    path: 'batch.B',
  } as const;
  const byClass = { parameters: 0, gradients: 0, moments: 0, activations: 0, other: 0 };
  const memory = memoryOf(REPORT, { items: [scratch], byClass, total: 2 ** 20, problems: [] });
  const of = (use: string) => memory.find((entry) => entry.use === use);
  expect(of('scratch')).toMatchObject({ measured: 2 ** 20, estimated: 2 ** 20 });
  expect(of('moments')?.measured).toBe(6 * 2 ** 20);
  expect(of('activations')?.buffers).toEqual([
    { label: 'layers.*.attn:qkv_TX', count: 2, bytes: 2 ** 22 },
  ]);
  const held = REPORT.buffers.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(memory.reduce((sum, { measured }) => sum + measured, 0)).toBe(held);
});

it('writes every row as CSV, unknown figures empty', () => {
  const lines = profileCsv(REPORT).trimEnd().split('\n');
  expect(lines).toHaveLength(REPORT.rows.length + 1);
  expect(lines[0]).toBe('phase,kernel,layer,calls,ms,flops,bytes');
  expect(lines[1]).toBe('forward,embedding.fwd,,2,0.5,,');
  expect(lines[2]).toBe('forward,linear.fwd,0,2,2,2000000,200000');
});

it('opens a run, profiles it and shows kernels, layers on demand, experts and memory', async () => {
  const { panel, click, button, called } = await openProfiler();
  expect(button('Export the profile')).toHaveProperty('disabled', true);
  within(panel).getByText(/Where does a step’s time go/);
  fireEvent.change(within(panel).getByLabelText('Steps to time'), { target: { value: '5' } });
  click('Profile 5 steps');
  await within(panel).findByLabelText('Time per kernel');
  expect(called().filter((name) => name === 'open' || name === 'profile')).toEqual([
    'open',
    'profile',
  ]);
  within(panel).getByText('steps 1–10');
  within(panel).getByText('90.0%');
  within(panel).getByText(/clock is rounded to 100 µs/);
  expect(panel.querySelectorAll('tr.of-layer')).toHaveLength(0);
  click('expertUp.fwd: by layer');
  expect(button('expertUp.fwd: by layer').getAttribute('aria-expanded')).toBe('true');
  expect(panel.querySelectorAll('tr.of-layer')).toHaveLength(L);
  within(panel).getByText('attributed by rows × width');
  const experts = within(panel).getByLabelText('Time per expert');
  expect(experts.querySelectorAll('tbody tr')).toHaveLength(DEFAULTS_V1.experts.slots.length);
  expect(panel.querySelector('[data-measured="parameters"]')?.textContent).toBe('3.00 MiB');
  click('Activations: buffers');
  within(panel).getByText('layers.*.attn:qkv_TX × 2');
  expect(button('Export the profile')).toHaveProperty('disabled', false);
});

it('keeps the best that the adapter showed as its limits', async () => {
  const { lab, panel, click } = await openProfiler();
  // 900 GFLOP/s and 120 GB/s; the profile's own measurement finds 4 and 0.2.
  await act(() => lab.commands.measure(true));
  click('Profile 20 steps');
  await within(panel).findByText(/a matrix product of 512³ at 900 GFLOP\/s, a copy at 120 GB\/s/);
  expect(lab.run.getState().speed?.gflopsPerSec).toBe(900);
});

it('folds kernels that take next to nothing, and unfolds them', async () => {
  const { trainer, panel, click, button } = await openProfiler();
  const tiny = (kernel: string) => ({ ...REPORT.rows[0]!, kernel, ms: 0.1 });
  const rows = [...REPORT.rows, tiny('dispatch.count'), tiny('dispatch.plan')];
  vi.spyOn(trainer, 'profile').mockResolvedValue({ ...REPORT, rows });
  click('Profile 20 steps');
  await within(panel).findByLabelText('Time per kernel');
  expect(within(panel).queryByText('dispatch.plan')).toBeNull();
  click(/^2 kernels below 1\.0%, together 0\.\d% \(forward\)$/);
  within(panel).getByText('dispatch.plan');
  click(/^2 kernels below/);
  expect(button(/^2 kernels below/).getAttribute('aria-expanded')).toBe('false');
  expect(within(panel).queryByText('dispatch.plan')).toBeNull();
});

it('shows how far it has come, can be stopped, and tells what went wrong', async () => {
  const { lab, trainer, panel, click, button, called } = await openProfiler();
  await act(() => lab.commands.start());
  act(() => trainer.advance(8));
  const held = heldProfile(trainer);
  button('Profile 20 steps').focus();
  click('Profile 20 steps');
  const progress = await within(panel).findByLabelText('Steps of the profile');
  act(() => trainer.advance(10));
  expect(progress.getAttribute('value')).toBe('10');
  within(panel).getByText('10 of 40 steps');
  // The same button, so that a keyboard stays where it is.
  expect(document.activeElement).toBe(button('Stop'));
  click('Stop');
  await waitFor(() => expect(called()).toContain('stopProfile'));
  await act(async () => held.finish());
  await within(panel).findByText('steps 1–40');
  click('Profile 20 steps');
  await within(panel).findByLabelText('Steps of the profile');
  await act(async () =>
    held.fail(
      Object.assign(new Error('Step 9 is beyond the last step, 8.'), { name: 'ConfigInvalid' }),
    ),
  );
  expect((await within(panel).findByRole('alert')).textContent).toBe(
    'Step 9 is beyond the last step, 8.',
  );
  // The last profile stays.
  within(panel).getByLabelText('Time per kernel');
});

it('can be asked for neither without an adapter nor after the last step', async () => {
  const { lab, trainer, panel, button } = await openProfiler();
  act(() => lab.run.getState().set({ adapter: null }));
  expect(button('Profile 20 steps')).toHaveProperty('disabled', true);
  within(panel).getByText('There is no adapter.');
  await act(() => lab.commands.probe());
  await act(() => lab.commands.start());
  act(() => trainer.advance(DEFAULTS_V1.optimizer.totalSteps));
  within(panel).getByText(/The run is finished/);
  expect(button('Profile 20 steps')).toHaveProperty('disabled', true);
});

it('says where only phases could be timed, and of which run a profile is', async () => {
  const { lab, trainer, panel, click } = await openProfiler();
  vi.spyOn(trainer, 'profile').mockResolvedValue({
    ...REPORT,
    source: 'wallClock',
    experts: [],
    rows: [
      {
        kernel: 'all kernels',
        phase: 'forward',
        layer: null,
        calls: 40,
        ms: 5,
        flops: null,
        bytes: null,
      },
    ],
  });
  click('Profile 20 steps');
  await within(panel).findByText(/offers no GPU timestamps/);
  expect(within(panel).queryByText('GPU busy')).toBeNull();
  expect(within(panel).queryByLabelText('Time per expert')).toBeNull();
  expect(within(panel).queryByText(/earlier run/)).toBeNull();
  await act(() => lab.commands.applyPending());
  await within(panel).findByText(/earlier run/);
});
