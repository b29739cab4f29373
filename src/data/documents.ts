/** Documents of an experiment by domain, split as training splits them: what probe tasks are made of. */
import type { Experiment } from '../config/experiment.ts';
import { type CorpusSource, SEPARATOR } from './corpora.ts';
import type { OwnText } from './ownText.ts';
import { createPacer } from './pacer.ts';
import { splitDocuments } from './split.ts';
import { encodeDocument } from './streams.ts';
import { readTexts } from './texts.ts';
import type { Tokenizer } from './types.ts';

/** In the order of the text; a document cut by the split begins where validation begins. */
export interface DomainDocuments {
  name: string;
  training: string[];
  validation: string[];
}

/** @throws DataError as `prepareText` does */
export async function readDocuments(
  { data }: Pick<Experiment, 'data'>,
  source: CorpusSource,
  own: OwnText | null,
): Promise<DomainDocuments[]> {
  const { domains } = await readTexts(data, source, own);
  return domains.map(({ name, documents }) => {
    const { training, validation } = splitDocuments(documents, data.validationShare);
    return { name, training: training.map(({ text }) => text), validation };
  });
}

/** Distinct token ids of the validation streams, separators included, ascending. */
export async function validationIds(
  tokenizer: Tokenizer,
  domains: readonly DomainDocuments[],
  signal?: AbortSignal,
): Promise<number[]> {
  const pacer = createPacer(signal);
  const ids = new Set<number>();
  for (const { validation } of domains) {
    if (validation.length > 1) ids.add(tokenizer.encode(SEPARATOR)[0]!);
    for (const text of validation) {
      const tokens = await encodeDocument(tokenizer, text, pacer, () => undefined);
      for (const id of tokens) ids.add(id);
    }
  }
  return [...ids].sort((a, b) => a - b);
}
