/** Every code of the shaders, and the uniform of a step, equal the tables that they come from. */
import { expect, it } from 'vitest';
import { SCALARS } from '../src/config/telemetry.ts';
import { BLOCK_SIDE } from '../src/kernels/attention.ts';
import { CODES, RECORD } from '../src/kernels/codes.ts';
import { FORCED_WORDS } from '../src/kernels/interventions.ts';
import { HEADER } from '../src/kernels/rowTable.ts';
import { STEP_FIELDS } from '../src/kernels/step.ts';
import { NOWHERE } from '../src/kernels/surgery.ts';
import { filesUnder, textOf } from './support/sourceTree.ts';

/** Constants that are numbers of their own and no codes; null where TypeScript has no use for one. */
const NUMBERS: Readonly<Record<string, number | null>> = {
  NOWHERE,
  FORCED_WORDS,
  ROW_START: HEADER,
  ROUTE_INDEX: 0x0fffffff,
  INFINITY_BITS: 0x7f800000,
  COLUMN_ROWS: null,
  LANES: null,
  SIDE: BLOCK_SIDE,
  Q: null,
  K: null,
  V: null,
  DOUT: null,
};

/** `randomDrop` → `RANDOM_DROP`, `top-1` → `TOP_1`. */
function upperCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, '_$&').replaceAll('-', '_').toUpperCase();
}

/** Every `const NAME: u32 = 1u;` of the shaders. */
const constants = filesUnder('shaders', '.wgsl').flatMap((path) =>
  [...textOf(path).matchAll(/^const (\w+)(?:: u32)? = (0x[0-9a-f]+|\d+)u;$/gm)].map(
    ([, name = '', value]) => ({ path, name, value: Number(value) }),
  ),
);

it('gives a code to the shaders as its table has it, each once', () => {
  const table = Object.entries(CODES).flatMap(([prefix, codes]) =>
    Object.entries(codes).map(([key, value]) => [prefix + upperCase(key), value]),
  );
  const inShaders = constants
    .filter(({ name }) => !(name in NUMBERS))
    .map(({ name, value }) => [name, value]);
  expect(table.length).toBeGreaterThan(30);
  expect(inShaders.sort()).toEqual(table.sort());
});

it('knows the other constants', () => {
  const known = constants.filter(({ name }) => typeof NUMBERS[name] === 'number');
  expect(known.filter(({ name, value }) => value !== NUMBERS[name])).toEqual([]);
  expect([...new Set(constants.map(({ name }) => name))]).toEqual(
    expect.arrayContaining(Object.keys(NUMBERS)),
  );
});

it('has codes that tell apart', () => {
  for (const codes of Object.values(CODES)) {
    expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length);
  }
});

it('has a StepParams whose fields are those of the step, in order', () => {
  const body = /struct StepParams \{([^}]*)\}/.exec(textOf('shaders/common/step.wgsl'))?.[1] ?? '';
  const fields = [...body.matchAll(/^ {2}(\w+): (\w+),$/gm)].map(([, name, type]) => [name, type]);
  expect(fields).toEqual(Object.entries(STEP_FIELDS));
});

it('has records whose first words are the scalars in the order of the telemetry', () => {
  for (const [i, name] of SCALARS.entries()) {
    const aux = RECORD.aux + (CODES.AUX_?.[name] ?? 0);
    expect(name in RECORD ? RECORD[name as keyof typeof RECORD] : aux, name).toBe(i);
  }
  expect([RECORD.refused, RECORD.step]).toEqual([SCALARS.length, SCALARS.length + 1]);
});
