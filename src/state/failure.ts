import type { ErrorCode } from '../worker/api.ts';

const CODES: Readonly<Record<ErrorCode, true>> = {
  ConfigInvalid: true,
  DataMissing: true,
  DeviceLost: true,
  KernelCompile: true,
  ModelTooLarge: true,
  NoWebGPU: true,
  NonFinite: true,
  Cancelled: true,
};

export type FailureCode = ErrorCode | 'Unexpected';

/** Something that went wrong, as the page shows it. */
export interface Failure {
  code: FailureCode;
  /** A sentence with the numbers, from where it went wrong. */
  message: string;
}

function isCode(name: string): name is ErrorCode {
  return Object.hasOwn(CODES, name);
}

/** The failure behind anything that was thrown. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'Unexpected', message: String(error) };
  return { code: isCode(error.name) ? error.name : 'Unexpected', message: error.message };
}
