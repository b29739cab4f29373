/** Schemas of values that runs are made of; every message says what is allowed. */
import * as v from 'valibot';
import { numberSchema, refused, show } from '../config/values.ts';

export const whole = (min: number, max: number) => numberSchema(min, max, true);
export const text = (max: number) => {
  const message = refused(`a text of at most ${max} characters`);
  return v.pipe(v.string(message), v.maxLength(max, message));
};
/** Objects of these entries and no others. */
export const object = <T extends v.ObjectEntries>(entries: T) =>
  v.strictObject(entries, ({ expected, received, input }) => {
    if (expected === 'never') return 'is not known';
    return received === 'undefined' ? 'is missing' : `${show(input)} is no object`;
  });
export const flag = v.boolean(refused('true or false'));
export const list = <T extends v.GenericSchema>(item: T, max: number) => {
  const message = refused(`a list of at most ${max}`);
  return v.pipe(v.array(item, message), v.maxLength(max, message));
};
export const choice = <const T extends readonly string[]>(options: T) =>
  v.picklist(options, refused(`one of ${options.join(', ')}`));

/** Any number; JSON has no name for those that are not finite. */
export const anyNumber = v.pipe(
  v.union(
    [v.number(), v.picklist(['NaN', 'Infinity', '-Infinity'])],
    refused('a number, "NaN", "Infinity" or "-Infinity"'),
  ),
  v.transform(Number),
);
export const aStep = numberSchema(0, Number.MAX_SAFE_INTEGER, false);
export const atStep = object({ step: aStep, value: anyNumber });
export const hash = v.pipe(
  v.string(refused('64 hexadecimal digits')),
  v.regex(/^[0-9a-f]{64}$/, refused('64 hexadecimal digits')),
);
/** Names of domains become names of columns. */
export const domainName = v.pipe(
  text(64),
  v.regex(/^[\w -]+$/, refused('letters, digits, spaces, _ and -')),
);

/** @throws RangeError with the path of the first value that is refused, and what it must be */
export function checked<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new RangeError(where === null ? issue.message : `${where}: ${issue.message}`);
}
