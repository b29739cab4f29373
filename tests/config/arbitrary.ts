/** Random experiments whose single values are all legal, drawn from the settings table. */
import fc from 'fast-check';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { CORPORA, type Experiment } from '../../src/config/experiment.ts';
import { setPath } from '../../src/config/paths.ts';
import { SETTINGS } from '../../src/config/schema.ts';
import type { Setting } from '../../src/config/settings.ts';
import { checkValue } from '../../src/config/values.ts';

const slot = fc.oneof(
  fc.record({ kind: fc.constant('ffn'), hidden: fc.integer({ min: 1, max: 600 }) }),
  fc.record({ kind: fc.constant('ffn'), hidden: fc.constantFrom(64, 256) }),
  fc.record({ kind: fc.constant('negated'), of: fc.integer({ min: 0, max: 63 }) }),
  fc.record({ kind: fc.constantFrom('zero', 'copy', 'constant') }),
);
const slots = fc.array(slot, { minLength: 1, maxLength: 64 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const policy = fc.oneof(
  fc.constant(null),
  fc.record({ kind: fc.constantFrom('top-1', 'top-2', 'top-3') }),
  fc.record({ kind: fc.constant('dynamic'), alpha: share, beta: share }),
);
const rate = fc.double({ min: 0, max: 1e6, noNaN: true, minExcluded: true });
const biasRule = fc.oneof(
  fc.constant({ kind: 'none' }),
  fc.record({ kind: fc.constant('sign'), rate, centre: fc.boolean() }),
  fc.record({
    kind: fc.constant('quantile'),
    smoothing: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  }),
  fc.record({ kind: fc.constant('budget'), rate, computing: rate }),
);
const poolSlots = fc.integer({ min: 1, max: 64 });
const evaluation = fc.option(poolSlots);
const pool = fc.oneof(
  fc.record({ size: poolSlots, evaluation }),
  fc
    .tuple(poolSlots, poolSlots, evaluation)
    .map(([a, b, size]) => ({ min: Math.min(a, b), max: Math.max(a, b), evaluation: size })),
);
const coefficient = fc.double({ min: 0, max: 1000, noNaN: true });
const counts = fc.constantFrom({}, { counts: 'unbiased' });
const balance = fc.oneof(
  fc
    .tuple(coefficient, fc.constantFrom('sequence', 'batch'), counts)
    .map(([c, scope, rest]) => ({ coefficient: c, scope, ...rest })),
  fc.tuple(coefficient, fc.integer({ min: 1, max: 4096 }), counts).map(([c, window, rest]) => ({
    ...{ coefficient: c, scope: 'global', window },
    ...rest,
  })),
);
const layerIndices = fc
  .uniqueArray(fc.integer({ min: 0, max: 127 }), { maxLength: 10 })
  .map((list) => [...list].sort((a, b) => a - b));

/** Random legal values of a row. */
function values(setting: Setting): fc.Arbitrary<unknown> {
  switch (setting.kind) {
    case 'int':
    case 'seed':
      return fc.integer({ min: setting.min, max: setting.max });
    case 'nullableInt':
      return fc.option(fc.integer({ min: setting.min, max: setting.max }));
    case 'float':
      return fc.double({ min: setting.min, max: setting.max, noNaN: true });
    case 'nullableFloat':
      return fc.option(fc.double({ min: setting.min, max: setting.max, noNaN: true }));
    case 'bool':
      return fc.boolean();
    case 'enum':
      return fc.constantFrom(...setting.options.map(({ value }) => value));
    case 'arrangement':
      return fc.oneof(
        fc.constantFrom(...(setting.options ?? []).map(({ value }) => value)),
        layerIndices,
      );
    case 'slots':
      return slots;
    case 'perLayer':
      return fc.option(
        fc.dictionary(fc.integer({ min: 0, max: 127 }).map(String), slots, { maxKeys: 4 }),
      );
    case 'policy':
      return fc.option(fc.array(policy, { maxLength: 12 }));
    case 'mix':
      return fc.dictionary(
        fc.constantFrom(...CORPORA),
        fc.double({ min: 0, max: 1000, noNaN: true }),
      );
    case 'biasRule':
      return fc.option(biasRule);
    case 'pool':
      return fc.option(pool);
    case 'balance':
      return fc.option(balance);
    case 'hash':
      return fc.option(
        fc
          .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
          .map((digits) => digits.join('')),
      );
    case 'events':
      return fc
        .array(fc.tuple(fc.integer({ min: 1, max: 5000 }), changes), { maxLength: 6 })
        .map((events) => events.sort(([a], [b]) => a - b));
  }
}

const changes: fc.Arbitrary<Record<string, unknown>> = fc
  .subarray(
    SETTINGS.filter(({ badge }) => badge === 'live'),
    { minLength: 1 },
  )
  .chain((rows) => fc.record(Object.fromEntries(rows.map((row) => [row.path, values(row)]))));

/** A random value as `parseExperiment` would take it. */
function taken(setting: Setting, value: unknown): Parameters<typeof setPath>[2] {
  if (setting.kind === 'events') return value as Parameters<typeof setPath>[2];
  const checked = checkValue(setting, value);
  if (!checked.ok) throw new Error(`${setting.path}: ${checked.message}`);
  return checked.value;
}

/** Experiments that differ from the defaults in a random set of settings. */
export const experiments: fc.Arbitrary<Experiment> = fc
  .subarray([...SETTINGS])
  .chain((rows) => fc.tuple(fc.constant(rows), fc.tuple(...rows.map(values))))
  .map(([rows, drawn]) =>
    rows.reduce<Experiment>(
      (experiment, row, i) => setPath(experiment, row.path, taken(row, drawn[i])),
      DEFAULTS_V1,
    ),
  );
