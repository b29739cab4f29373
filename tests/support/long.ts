/** Whether tests run whole that take minutes so: under `npm run test:long`. */
const IS_WHOLE = process.env.SWITCHYARD_LONG === '1';

/** How many cases of a `*.long.test.ts` run: all of them, or the first few, which take 20 s at most. */
export function casesOf(all: number, sample: number): number {
  return IS_WHOLE ? all : sample;
}
