import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { SEPARATOR } from '../../src/data/corpora.ts';
import { readDocuments, validationIds } from '../../src/data/documents.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import { splitDocuments } from '../../src/data/split.ts';
import { bytesTokenizer } from '../../src/data/tokenizers/bytes.ts';

const own = {
  name: 'own.txt',
  text: ['abc '.repeat(50), 'xyz '.repeat(50), '123 '.repeat(400)].join(SEPARATOR),
};
const experiment = {
  data: { ...DEFAULTS_V1.data, mix: { own: 1 }, hash: null, validationShare: 0.1 },
};

it('splits documents as training does', async () => {
  const [domain, ...rest] = await readDocuments(experiment, fileSource(), own);
  expect(rest).toEqual([]);
  const { training, validation } = splitDocuments(own.text.split(SEPARATOR), 0.1);
  expect(domain).toEqual({ name: 'own', training: training.map(({ text }) => text), validation });
  expect(validation.length).toBeGreaterThan(0);
});

it('knows the ids of the validation text, and a separator’s where there is one', async () => {
  const domain = (validation: string[]) => ({ name: 'own', training: ['q'], validation });
  expect(await validationIds(bytesTokenizer, [domain(['ba', 'a'])])).toEqual([12, 97, 98]);
  expect(await validationIds(bytesTokenizer, [domain(['ba']), domain(['c'])])).toEqual([
    97, 98, 99,
  ]);
  expect(await validationIds(bytesTokenizer, [domain([])])).toEqual([]);
});
