import { afterEach, expect, it, vi } from 'vitest';

/** The function as a browser of this name loads it, and a device that counts submits. */
async function inBrowser(userAgent: string) {
  vi.resetModules();
  vi.stubGlobal('navigator', { userAgent });
  vi.useFakeTimers();
  const { hurried } = await import('../../src/gpu/hurry.ts');
  let lose = () => undefined as unknown;
  const submit = vi.fn();
  const lost = new Promise((resolve) => {
    lose = () => resolve({ reason: 'unknown' });
  });
  const device = { lost, queue: { submit } } as unknown as GPUDevice;
  return { device, hurried, submit, lose: () => lose() };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('submits nothing in Firefox for as long as something is waited for', async () => {
  const { device, hurried, submit, lose } = await inBrowser(
    'Mozilla/5.0 Gecko/20100101 Firefox/145.0',
  );
  const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const done = hurried(
    device,
    after(5).then(() => 'done'),
  );
  const failed = hurried(
    device,
    after(11).then(() => Promise.reject(new Error('no'))),
  );
  const heard = expect(failed).rejects.toThrow('no');
  await pass(5);
  expect(submit.mock.calls).toEqual([[[]], [[]]]);
  expect(await done).toBe('done');
  await pass(15);
  await heard;
  expect(submit).toHaveBeenCalledTimes(5);
  // What a lost device does not answer is not asked for.
  void hurried(device, new Promise(() => undefined));
  await pass(2);
  lose();
  await pass(10);
  expect(submit).toHaveBeenCalledTimes(6);
});

it('leaves other browsers alone', async () => {
  const { device, hurried, submit } = await inBrowser('Mozilla/5.0 Chrome/140.0 Safari/537.36');
  void hurried(device, new Promise(() => undefined));
  await pass(10);
  expect(submit).not.toHaveBeenCalled();
});
