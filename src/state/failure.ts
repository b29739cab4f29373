import { type ErrorCode, isErrorCode } from '../config/errorCodes.ts';

export type FailureCode = ErrorCode | 'Unexpected';

/** Something that went wrong, as the page shows it. */
export interface Failure {
  code: FailureCode;
  /** A sentence with the numbers, from where it went wrong. */
  message: string;
  /** What did not happen, where the code alone would speak of the experiment. */
  title?: string;
}

/** Codes of failures that concern the device or browser, whatever was asked of it. */
const OF_THE_MACHINE: ReadonlySet<FailureCode> = new Set([
  'DeviceLost',
  'KernelCompile',
  'ModelTooLarge',
  'NoWebGPU',
  'Cancelled',
]);

/** The failure behind anything that was thrown; `title`: what did not happen because of it. */
export function failureOf(error: unknown, title?: string): Failure {
  const name = error instanceof Error ? error.name : '';
  const code = isErrorCode(name) ? name : 'Unexpected';
  const message = error instanceof Error ? error.message : String(error);
  return title === undefined || OF_THE_MACHINE.has(code)
    ? { code, message }
    : { code, message, title };
}
