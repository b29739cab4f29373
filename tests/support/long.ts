/** Whether tests run whole that take minutes so: under `npm run test:long`. */
const IS_WHOLE = process.env.SWITCHYARD_LONG === '1';

/** What a `*.long.test.ts` runs: all of it, or a sample, which takes 20 s at most. */
export function casesOf<T>(all: T, sample: T): T {
  return IS_WHOLE ? all : sample;
}
