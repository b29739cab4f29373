/** Checks of single values, built from the rows of the settings table. Nothing is clamped. */
import * as v from 'valibot';
import type { BalanceConfig } from './auxTerms.ts';
import {
  type BiasRule,
  CORPORA,
  type JsonValue,
  type LayerPolicy,
  type Pool,
  type Slot,
} from './experiment.ts';
import { isRecord } from './paths.ts';
import { counted } from './plural.ts';
import {
  MAX_HIDDEN,
  MAX_LAYERS,
  MAX_SLOTS,
  MAX_WINDOW,
  type NumberSetting,
  type Setting,
  type StructuredSetting,
} from './settings.ts';

export type Checked = { ok: true; value: JsonValue } | { ok: false; message: string };

/** A value as it stands in a message, at most 60 characters. */
export function show(value: unknown): string {
  const short = typeof value === 'string' ? value.slice(0, 60) : value;
  const text =
    typeof short === 'number' || short === undefined
      ? String(short)
      : (JSON.stringify(short) ?? typeof short);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The message of an issue: the value, and what it must be. */
export function refused(allowed: string): (issue: v.BaseIssue<unknown>) => string {
  return (issue) => `${show(issue.input)} is not allowed; it must be ${allowed}`;
}

/** Finite numbers of a range. */
export function numberSchema(min: number, max: number, whole: boolean, or = '') {
  const message = refused(`a ${whole ? 'whole ' : ''}number from ${min} to ${max}${or}`);
  return v.pipe(
    v.number(message),
    v.finite(message),
    v.check((x) => !whole || Number.isInteger(x), message),
    v.minValue(min, message),
    v.maxValue(max, message),
    // −0 has no text of its own.
    v.transform((x) => x + 0),
  );
}

const slotSchema: v.GenericSchema<unknown, Slot> = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('ffn'), hidden: numberSchema(1, MAX_HIDDEN, true) }),
    v.strictObject({ kind: v.literal('negated'), of: numberSchema(0, MAX_SLOTS - 1, true) }),
    v.strictObject({ kind: v.literal('zero') }),
    v.strictObject({ kind: v.literal('copy') }),
    v.strictObject({ kind: v.literal('constant') }),
  ],
  refused('a slot of kind ffn, negated, zero, copy or constant'),
);

const slotCount = (issue: v.BaseIssue<unknown>): string =>
  `${Array.isArray(issue.input) ? counted(issue.input.length, 'slot') : show(issue.input)}; a layer must have 1 to ${MAX_SLOTS}`;
const slotsSchema = v.pipe(
  v.array(
    slotSchema,
    refused(
      `1 to ${MAX_SLOTS} slots, such as 4x128.n0-1.z2.c.k: FFN experts of a width from 1 to ${MAX_HIDDEN}, negated, null, constant and copy`,
    ),
  ),
  v.minLength(1, slotCount),
  v.maxLength(MAX_SLOTS, slotCount),
);

const layerIndex = numberSchema(0, MAX_LAYERS - 1, true);

/** Whether a key is a layer index in canonical form ("0" … "127", not "00"). */
function isLayerKey(key: string): boolean {
  return String(Number(key)) === key && v.is(layerIndex, Number(key));
}

/** Keys that are not allowed, and which are. */
function wrongKeys(isAllowed: (key: string) => boolean, allowed: string) {
  return ({ input }: v.BaseIssue<unknown>): string => {
    const wrong = Object.keys(isRecord(input) ? input : {}).filter((key) => !isAllowed(key));
    return `${show(wrong.join(', '))} is not allowed; ${allowed}`;
  };
}

const layerKeys = wrongKeys(
  isLayerKey,
  `slots are given by layer indices from 0 to ${MAX_LAYERS - 1}`,
);

const perLayerSchema = v.nullable(
  v.pipe(
    v.custom<Record<string, unknown>>(
      isRecord,
      refused(`slots by layer from 0 to ${MAX_LAYERS - 1}, such as 0:4x128,3:2x64`),
    ),
    v.check((record) => Object.keys(record).every(isLayerKey), layerKeys),
    v.record(v.string(), slotsSchema),
  ),
);

const probability = numberSchema(0, 1, false);
const policySchema: v.GenericSchema<unknown, LayerPolicy> = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.picklist(['top-1', 'top-2', 'top-3']) }),
    v.strictObject({ kind: v.literal('dynamic'), alpha: probability, beta: probability }),
  ],
  refused('top-1, top-2, top-3 or dynamic'),
);

const MAX_RATE = 1e6;
const rate = v.pipe(
  numberSchema(0, MAX_RATE, false),
  v.check((x) => x > 0, refused(`a number above 0, at most ${MAX_RATE}`)),
);
const biasRuleSchema: v.GenericSchema<unknown, BiasRule> = v.variant(
  'kind',
  [
    v.strictObject({ kind: v.literal('none') }),
    v.strictObject({ kind: v.literal('sign'), rate, centre: v.boolean(refused('true or false')) }),
    v.strictObject({
      kind: v.literal('quantile'),
      smoothing: v.pipe(
        numberSchema(0, 1, false),
        v.check((x) => x < 1, refused('a number from 0 to below 1')),
      ),
    }),
    v.strictObject({ kind: v.literal('budget'), rate, computing: rate }),
  ],
  refused(
    'a rule none, sign with rate and centre, quantile with smoothing, or budget with rate and computing (in a link: hold, sign_0.001, centred_0.001, quantile_0.9, budget_0.001_1.5), or null',
  ),
);

const poolSlots = numberSchema(1, MAX_SLOTS, true);
const evaluation = v.nullable(poolSlots);
const poolShape = refused(
  'a pool of size or of min to max, with the size of evaluation or null (in a link: 4, 2-5 or 4_6), or null',
);
const poolSchema: v.GenericSchema<unknown, Pool> = v.lazy((pool) =>
  isRecord(pool) && !('size' in pool)
    ? v.pipe(
        v.strictObject({ min: poolSlots, max: poolSlots, evaluation }, poolShape),
        v.check(({ min, max }) => min <= max, refused('a pool whose min is at most its max')),
      )
    : v.strictObject({ size: poolSlots, evaluation }, poolShape),
);

const coefficient = numberSchema(0, 1000, false);
const counts = v.exactOptional(
  v.picklist(['selected', 'unbiased'], refused('selected or unbiased')),
);
const balanceSchema: v.GenericSchema<unknown, BalanceConfig> = v.pipe(
  v.variant(
    'scope',
    [
      v.strictObject({ coefficient, scope: v.picklist(['sequence', 'batch']), counts }),
      v.strictObject({
        coefficient,
        scope: v.literal('global'),
        window: numberSchema(1, MAX_WINDOW, true),
        counts,
      }),
    ],
    refused(
      'a coefficient with scope sequence, batch, or global and its window (in a link: 0.01_batch, 0.01_global_8_unbiased), or null',
    ),
  ),
  // What a missing `counts` means is not written.
  v.transform(({ counts: counted, ...rest }) =>
    counted === 'unbiased' ? { ...rest, counts: counted } : rest,
  ),
);

function isCorpus(name: string): boolean {
  return CORPORA.some((corpus) => corpus === name);
}

const corpusNames = wrongKeys(isCorpus, `the texts are ${CORPORA.join(', ')}`);

const mixSchema = v.pipe(
  v.custom<Record<string, unknown>>(
    isRecord,
    refused('weights from 0 to 1000 by corpus, such as prose:1,code:2'),
  ),
  v.check((mix) => Object.keys(mix).every(isCorpus), corpusNames),
  v.record(v.string(), numberSchema(0, 1000, false)),
  v.transform((mix) =>
    Object.fromEntries(
      CORPORA.flatMap((name) => {
        const weight = mix[name];
        return weight === undefined ? [] : [[name, weight] as const];
      }),
    ),
  ),
);

function arrangementSchema(names: readonly string[]): v.GenericSchema<unknown, JsonValue> {
  const message = refused(`${names.join(', ')} or a list of rising layer indices`);
  return v.union(
    [
      v.picklist(names, message),
      v.pipe(
        v.array(layerIndex, message),
        v.maxLength(MAX_LAYERS, message),
        v.check((list) => list.every((l, i) => i === 0 || l > (list[i - 1] ?? 0)), message),
      ),
    ],
    message,
  );
}

function structuredSchema(setting: StructuredSetting): v.GenericSchema<unknown, JsonValue> {
  switch (setting.kind) {
    case 'arrangement':
      return arrangementSchema(setting.options?.map(({ value }) => value) ?? []);
    case 'slots':
      return slotsSchema;
    case 'perLayer':
      return perLayerSchema;
    case 'policy':
      return v.nullable(
        v.pipe(
          v.array(
            v.nullable(policySchema),
            refused('one policy per layer: 1, 2, 3, d0.7_0.4 or - for a dense layer'),
          ),
          v.maxLength(MAX_LAYERS, refused(`a list of at most ${MAX_LAYERS} policies`)),
        ),
      );
    case 'mix':
      return mixSchema;
    case 'biasRule':
      return v.nullable(biasRuleSchema);
    case 'pool':
      return v.nullable(poolSchema);
    case 'balance':
      return v.nullable(balanceSchema);
    case 'hash': {
      const message = refused('64 hexadecimal digits or null');
      return v.nullable(v.pipe(v.string(message), v.regex(/^[0-9a-f]{64}$/, message)));
    }
    case 'events':
      throw new RangeError('events are checked one by one, by parseEvents');
  }
}

function nullableNumber(setting: NumberSetting): boolean {
  return setting.kind === 'nullableInt' || setting.kind === 'nullableFloat';
}

function schemaOf(setting: Setting): v.GenericSchema<unknown, JsonValue> {
  switch (setting.kind) {
    case 'int':
    case 'seed':
    case 'float':
    case 'nullableInt':
    case 'nullableFloat': {
      const whole = setting.kind !== 'float' && setting.kind !== 'nullableFloat';
      if (!nullableNumber(setting)) return numberSchema(setting.min, setting.max, whole);
      return v.nullable(
        numberSchema(setting.min, setting.max, whole, ', or null (in a link: none)'),
      );
    }
    case 'bool':
      return v.boolean(refused('true or false (in a link: 1 or 0)'));
    case 'enum': {
      const values = setting.options.map(({ value }) => value);
      return v.picklist(values, refused(`one of ${values.join(', ')}`));
    }
    default:
      return structuredSchema(setting);
  }
}

const schemas = new Map<string, v.GenericSchema<unknown, JsonValue>>();

/** Whether a value can be taken for a setting; the message has the value and what is allowed. */
export function checkValue(setting: Setting, value: unknown): Checked {
  const schema = schemas.get(setting.path) ?? schemaOf(setting);
  schemas.set(setting.path, schema);
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return { ok: true, value: result.output };
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  return { ok: false, message: `${setting.label}${where ? ` (${where})` : ''}: ${issue.message}` };
}
