import type { ErrorCode } from '../config/errorCodes.ts';

/**
 * An error of this folder. Its `name` is one of the codes that cross the worker boundary:
 * `ConfigInvalid` (a setting or a text that cannot be used), `DataMissing` (a text that is not
 * there, or not the one that the experiment names) or `Cancelled`.
 */
export class DataError extends Error {
  override readonly name: Extract<ErrorCode, 'ConfigInvalid' | 'DataMissing' | 'Cancelled'>;

  constructor(name: DataError['name'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}
