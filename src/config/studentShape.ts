/** What a link, a file or a record says of a student, as it is checked. */
import * as v from 'valibot';
import { CORPORA } from './experiment.ts';
import { MAX_SEEDS } from './ladimo.ts';
import { MAX_LAYERS, MAX_SLOTS } from './settings.ts';
import { numberSchema } from './values.ts';

export const studentShape = v.strictObject({
  layers: v.pipe(v.array(numberSchema(0, MAX_LAYERS - 1, true)), v.maxLength(MAX_LAYERS)),
  seed: v.optional(numberSchema(0, MAX_SEEDS - 1, true)),
  domain: v.optional(v.nullable(v.picklist(CORPORA))),
  policy: v.optional(
    v.nullable(v.strictObject({ pu: numberSchema(0, 1, false), pe: numberSchema(0, 1, false) })),
  ),
  K: v.optional(v.nullable(numberSchema(1, MAX_SLOTS, true))),
});
