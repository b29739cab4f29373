import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { ProfileRow, SessionProfile, StepPhase } from '../../src/worker/api.ts';

/** Kernels of the fake profile: FLOPs of each are 10⁶ times its milliseconds. */
const KERNELS: readonly (readonly [phase: StepPhase, kernel: string, isOfLayer: boolean])[] = [
  ['forward', 'embedding.fwd', false],
  ['forward', 'linear.fwd', true],
  ['forward', 'expertUp.fwd', true],
  ['backward', 'linear.bwdW', true],
  ['backward', 'expertUp.bwdW', true],
  ['optimizer', 'adamw.fwd', false],
];

/** What a trainer would report: kernel i of a layer takes i + 1 ms, those outside 0.5 ms. */
export function fakeProfile(
  spaces: readonly LayerSpace[],
  steps: number,
  lastStep: number,
): SessionProfile {
  const rows = KERNELS.flatMap(([phase, kernel, isOfLayer], i): ProfileRow[] => {
    const ms = isOfLayer ? i + 1 : 0.5;
    const row = { kernel, phase, calls: 2, ms, flops: ms * 1e6, bytes: ms * 1e5 };
    return isOfLayer
      ? spaces.map(({ layer }) => ({ ...row, layer }))
      : [{ ...row, layer: null, flops: null, bytes: null }];
  });
  const kernelMs = rows.reduce((sum, { ms }) => sum + ms, 0);
  return {
    source: 'timestamps',
    steps,
    firstStep: lastStep - 2 * steps + 1,
    lastStep,
    resolutionMs: 0.1,
    invalid: 0,
    rows,
    experts: spaces.flatMap(({ layer, hidden }) =>
      hidden
        .filter((width) => width > 0)
        .map((width, expert) => ({
          layer,
          expert,
          hidden: width,
          rows: 10 * (expert + 1),
          forwardMs: expert + 1,
          backwardMs: 2 * (expert + 1),
        })),
    ),
    kernelMs,
    wallMs: kernelMs / 0.9,
    timedWallMs: kernelMs / 0.8,
    gpuBusy: 0.9,
    dispatches: 2 * rows.length,
    submits: 1,
    speed: { gflopsPerSec: 4, gbytesPerSec: 0.2, dispatchSeconds: 1e-5 },
    buffers: [
      { label: 'parameters', use: 'parameters', bytes: 3 * 2 ** 20 },
      { label: 'gradients', use: 'gradients', bytes: 3 * 2 ** 20 },
      { label: 'moments:first', use: 'moments', bytes: 3 * 2 ** 20 },
      { label: 'moments:second', use: 'moments', bytes: 3 * 2 ** 20 },
      { label: 'layers.0.attn:qkv_TX', use: 'activations', bytes: 2 ** 21 },
      { label: 'layers.1.attn:qkv_TX', use: 'activations', bytes: 2 ** 21 },
      { label: 'layers.0.moe:p_TR', use: 'routing', bytes: 2 ** 17 },
      { label: 'scratch:dx_TD', use: 'scratch', bytes: 2 ** 20 },
      { label: 'ring', use: 'telemetry', bytes: 2 ** 16 },
      { label: 'telemetry:staging', use: 'staging', bytes: 2 ** 16 },
      { label: 'dims', use: 'other', bytes: 2 ** 15 },
    ],
  };
}
