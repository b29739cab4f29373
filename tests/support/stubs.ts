import type { BrowserContext } from 'playwright';

/**
 * Runs a script before the page's own and before the training worker's: how a browser is made one
 * that lacks something. To be given to `Site.open`.
 */
export function stubbed(script: string): (context: BrowserContext) => Promise<void> {
  return async (context) => {
    await context.addInitScript(script);
    await context.route(/trainer\.worker.*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${script}\n${await response.text()}` });
    });
  };
}

/** No WebGPU at all. */
export const WITHOUT_WEBGPU = `
delete (globalThis.Navigator ?? globalThis.WorkerNavigator).prototype.gpu;`;

/** Devices have WebGPU's default limits, whatever they are asked for. */
export const DEFAULT_LIMITS = `{
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (descriptor) {
    return requestDevice.call(this, { ...descriptor, requiredLimits: {} });
  };
}`;

/**
 * A slow GPU: what is submitted is done a fifth of a second later than it is. A run then trains
 * for as long as a test goes on without taking the processor from it; no bit of it changes.
 */
export const SLOW_GPU = `{
  const { onSubmittedWorkDone } = GPUQueue.prototype;
  GPUQueue.prototype.onSubmittedWorkDone = async function () {
    await onSubmittedWorkDone.call(this);
    await new Promise((resolve) => setTimeout(resolve, 200));
  };
}`;

/** The first two requests for an adapter are rejected, each after as long as it takes to see that it is made. */
export const ADAPTER_AT_LAST = `{
  const { requestAdapter } = GPU.prototype;
  let requests = 0;
  GPU.prototype.requestAdapter = function (options) {
    requests += 1;
    if (requests <= 2)
      return new Promise((_, reject) => {
        setTimeout(() => reject(new DOMException('the driver is being updated')), 400);
      });
    return requestAdapter.call(this, options);
  };
}`;

/** The first device is lost when a kernel of the model is to be compiled. */
export const LOST_WHILE_COMPILING = `{
  const { createComputePipelineAsync } = GPUDevice.prototype;
  let isFirst = true;
  GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
    if (isFirst && descriptor.label.startsWith('embedding')) {
      isFirst = false;
      console.info('device destroyed');
      this.destroy();
    }
    return createComputePipelineAsync.call(this, descriptor);
  };
}`;

/**
 * Chrome and Edge 113: an adapter says nothing of itself, there are neither subgroups nor
 * timestamps, and the language has nothing that came later.
 */
export const CHROME_113 = `{
  const drop = (owner, ...names) => {
    for (const name of names) delete owner?.[name];
  };
  drop(GPUAdapter.prototype, 'info');
  drop(GPUDevice.prototype, 'adapterInfo');
  drop(GPU.prototype, 'wgslLanguageFeatures');
  for (const { prototype } of [GPUAdapter, GPUDevice])
    Object.defineProperty(prototype, 'features', { get: () => new Set() });
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = function (descriptor) {
    const [unknown] = descriptor?.requiredFeatures ?? [];
    if (unknown !== undefined) return Promise.reject(new TypeError(unknown + ' is not known'));
    return requestDevice.call(this, descriptor);
  };
  drop(Object, 'groupBy');
  drop(Map, 'groupBy');
  drop(Promise, 'withResolvers', 'try');
  drop(Array, 'fromAsync');
  drop(AbortSignal, 'any');
  drop(URL, 'canParse', 'parse');
  drop(RegExp, 'escape');
  drop(ArrayBuffer.prototype, 'transfer', 'transferToFixedLength');
  drop(Set.prototype, 'union', 'intersection', 'difference', 'symmetricDifference');
  drop(Set.prototype, 'isSubsetOf', 'isSupersetOf', 'isDisjointFrom');
  drop(Uint8Array.prototype, 'toBase64', 'toHex');
  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([].values()));
  drop(iterators, 'map', 'filter', 'take', 'drop', 'flatMap', 'reduce', 'toArray');
  drop(iterators, 'forEach', 'some', 'every', 'find');
}`;
