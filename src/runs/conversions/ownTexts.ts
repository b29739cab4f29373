/** The person's own text that a teacher was trained on, among the stored ones. */
import type { Experiment } from '../../config/experiment.ts';
import type { OwnText } from '../../data/ownText.ts';
import { sha256Hex } from '../../data/textHash.ts';
import { utf8Encode } from '../../data/tokenizers/bytes.ts';
import { switchyardError } from '../../train/session/errors.ts';
import type { SessionDeps } from '../../train/session/openRun.ts';
import type { ConversionStore } from './store.ts';

type Deps = Pick<SessionDeps, 'prepareText'>;

const hashOf = ({ text }: OwnText) => sha256Hex(utf8Encode(text));

/**
 * Stores a text under its key, unless it is there: runs of the library may have been trained on it.
 * @throws DataMissing for a text that is not the one that the key names
 */
export async function keepOwn(
  deps: Deps,
  store: ConversionStore,
  { experiment, own, key }: { experiment: Experiment; own: OwnText; key: string },
): Promise<void> {
  if ((await store.text(key)) !== null) return;
  const { hash } = experiment.data;
  if (key === hash)
    await deps.prepareText(experiment, own, { onProgress: () => undefined, signal: undefined });
  else if (key !== (await hashOf(own)))
    throw switchyardError(
      'DataMissing',
      `The text “${own.name}” has the SHA-256 ${await hashOf(own)}, not ${key}.`,
    );
  await store.putText(key, own);
}

/**
 * Key of a teacher's own text, which is stored; null for a text that is not the person's.
 * @throws DataMissing where it is neither stored nor given
 */
export async function ownKey(
  deps: Deps,
  store: ConversionStore,
  experiment: Experiment,
  own: OwnText | null,
): Promise<string | null> {
  const { mix, hash } = experiment.data;
  if ((mix.own ?? 0) === 0) return null;
  if (hash !== null && (await store.text(hash)) !== null) return hash;
  if (own === null)
    throw switchyardError(
      'DataMissing',
      'The teacher was trained on an own text, which has to be given.',
    );
  const key = hash ?? (await hashOf(own));
  await keepOwn(deps, store, { experiment, own, key });
  return key;
}
