import { type ErrorCode, isErrorCode } from '../../config/errorCodes.ts';

/** An error whose `name` is a code; the message is a sentence with the numbers. */
export function switchyardError(code: ErrorCode, message: string, cause?: unknown): Error {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  error.name = code;
  return error;
}

/** The code of anything that was thrown, null for an error without one. */
export function errorCode(error: unknown): ErrorCode | null {
  return error instanceof Error && isErrorCode(error.name) ? error.name : null;
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
