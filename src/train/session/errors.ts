/** Names of errors that cross the worker boundary: Comlink keeps only name, message and stack. */
export const ERROR_CODES = [
  'ConfigInvalid',
  'DataMissing',
  'DeviceLost',
  'KernelCompile',
  'ModelTooLarge',
  'NoWebGPU',
  'NonFinite',
  'Cancelled',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** An error whose `name` is a code; the message is a sentence with the numbers. */
export function switchyardError(code: ErrorCode, message: string, cause?: unknown): Error {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  error.name = code;
  return error;
}

/** The code of anything that was thrown, null for an error without one. */
export function errorCode(error: unknown): ErrorCode | null {
  if (!(error instanceof Error)) return null;
  return ERROR_CODES.find((code) => code === error.name) ?? null;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
