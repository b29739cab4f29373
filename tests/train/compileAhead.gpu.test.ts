import { expect, it, vi } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();

it('leaves nothing to compile for the engine, and takes no memory', async () => {
  const gpu = device();
  const training = gpuDevice(gpu, { description: 'test', isSoftware: true });
  const experiment = applyChange(DEFAULTS_V1, TINY_SIZE);
  const made = vi.spyOn(gpu, 'createBuffer');
  await training.compileAhead(engineConfig(experiment, 256));
  expect(made).not.toHaveBeenCalled();
  made.mockRestore();
  const compiled = vi.spyOn(gpu, 'createComputePipelineAsync');
  // The text's vocabulary differs from the one that was guessed.
  const options = { domains: 1, initStd: 0.02, seedInit: 1 };
  const engine = await training.createEngine(engineConfig(experiment, 97), options);
  expect(compiled).not.toHaveBeenCalled();
  compiled.mockRestore();
  engine.destroy();
});
