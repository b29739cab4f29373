/** What every hand-over begins with. */
import { engineConfig } from '../config/edit.ts';
import { settingsOfState } from '../config/surgeryHistory.ts';
import type { Tokenizer } from '../data/types.ts';
import type { Checkpoint } from '../train/session/checkpoint.ts';
import type { Subject } from './transformers/needs.ts';

/** Files of a folder by their names. */
export type HandoverFiles = Map<string, Uint8Array>;

/** The settings in force at a checkpoint's step, for a tokenizer of `vocabulary` entries. */
export function subjectOf({ experiment, state }: Checkpoint, vocabulary: number): Subject {
  const settings = settingsOfState(experiment, state.step, state.surgeries?.length ?? 0);
  return { settings, config: engineConfig(settings, vocabulary) };
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function jsonFile(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 1)}\n`);
}

/** What `train.py` needs of a tokenizer. @throws RangeError for byte pairs without their merges */
export function tokenizerJson({ kind, size, merges, label, decode }: Tokenizer): object {
  if (kind === 'bytes') return { kind };
  if (kind === 'chars')
    return { kind, chars: Array.from({ length: size }, (_, token) => decode([token])) };
  if (merges === undefined) throw new RangeError(`the merges of "${label(0)}" … are not known`);
  return { kind, merges };
}
