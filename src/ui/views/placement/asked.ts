/** What a person asks of the simulated devices. */
export interface Asked {
  devices: number;
  gbytesPerSec: number;
  tflopsPerSec: number;
  pass: 'training' | 'forward';
  policy: 'pair' | 'sequential' | 'greedy';
}

export const MAX_DEVICES = 64;
