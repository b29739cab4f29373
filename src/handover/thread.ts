/** Hand-overs as a page asks for them: in a thread of their own, with the text that the run is trained on. */
import type { CorpusSource } from '../data/corpora.ts';
import type { Home } from '../data/fetchSource.ts';
import type { OwnText } from '../data/ownText.ts';
import { prepareText } from '../data/prepare.ts';
import { type ZipFile, zipped } from '../runs/files/zipWrite.ts';
import { type Checkpoint, decodeCheckpoint } from '../train/session/checkpoint.ts';
import { handoverFiles } from './ask.ts';
import type { HandoverAsk } from './options.ts';

/** A model, as its checkpoint's bytes, with the own text of its experiment. */
export interface Handed {
  checkpoint: Uint8Array;
  own: OwnText | null;
  /** The stored run that it is of; null: as the checkpoint says. */
  parent: NonNullable<Checkpoint['parent']> | null;
}

export interface HandoverThread {
  /**
   * The folder as a zip file.
   * @throws as `handoverFiles`, `decodeCheckpoint` and `prepareText`
   */
  zip(handed: Handed, ask: HandoverAsk, home: Home): Promise<Blob>;
}

/** @param sourceOf where corpora are read */
export function handoverThread(sourceOf: (home: Home) => CorpusSource): HandoverThread {
  return {
    async zip({ checkpoint: bytes, own, parent }, ask, home) {
      const decoded = decodeCheckpoint(bytes);
      const checkpoint = { ...decoded, parent: parent ?? decoded.parent ?? null };
      const text = await prepareText(checkpoint.experiment, sourceOf(home), own);
      const folder = `switchyard-step${checkpoint.state.step}`;
      const files = [...handoverFiles(checkpoint, text, ask)].map(
        ([name, content]): ZipFile => ({
          name: `${folder}/${name}`,
          isPacked: name.endsWith('.safetensors'),
          pieces: [content],
        }),
      );
      const pieces: BlobPart[] = [];
      for await (const piece of zipped(files)) pieces.push(Uint8Array.from(piece));
      return new Blob(pieces, { type: 'application/zip' });
    },
  };
}
