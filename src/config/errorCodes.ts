/** What a failure can be, by the name of its error: Comlink keeps only name, message and stack. */
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

/** Whether an error's name is one of the codes. */
export function isErrorCode(name: string): name is ErrorCode {
  return (ERROR_CODES as readonly string[]).includes(name);
}
