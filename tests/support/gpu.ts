import { afterAll, afterEach, beforeAll } from 'vitest';
import { type NodeDevice, requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { ownSizes, usefulFeatures } from '../../src/gpu/adapterInfo.ts';

/**
 * One device for a test file. A machine without an adapter fails every test of the file, and so
 * does a test that leaves an uncaptured WebGPU error or loses the device.
 *
 *     const device = useDevice();
 *     it('adds', () => { add(device(), …) });
 *
 * `features`: the optional features that it has; those that the page asks for unless given.
 * `limits`: what it allows; as large buffers as the adapter has them unless given.
 */
export function useDevice(features = usefulFeatures, limits = ownSizes): () => GPUDevice {
  let node: NodeDevice | undefined;
  let closing = false;
  const problems: string[] = [];

  beforeAll(async () => {
    node = await requestNodeDevice({ features, limits });
    node.device.addEventListener('uncapturederror', (event) => {
      problems.push(event.error.message);
    });
    void node.device.lost.then(({ reason, message }) => {
      if (!closing) problems.push(`device lost (${reason}): ${message}`);
    });
  });

  afterEach(async () => {
    await node?.device.queue.onSubmittedWorkDone();
    const found = problems.splice(0);
    if (found.length > 0) throw new Error(`WebGPU reported: ${found.join('\n')}`);
  });

  afterAll(() => {
    closing = true;
    node?.close();
  });

  return () => {
    if (!node) throw new Error('useDevice: the device exists inside tests and hooks only');
    return node.device;
  };
}
