import { expect, it } from 'vitest';
import { describeAdapter } from '../../src/gpu/adapterInfo.ts';

it('has a WebGPU adapter in the page', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  expect(adapter).not.toBeNull();
  expect((await describeAdapter(adapter!)).description).not.toBe('unnamed adapter');
});

it('has a WebGPU adapter in a worker', async () => {
  const source = `navigator.gpu.requestAdapter().then((adapter) => postMessage(adapter !== null));`;
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(address, { type: 'module' });
  const answer = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  expect(answer).toBe(true);
});
