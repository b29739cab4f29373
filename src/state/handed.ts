import type { OwnText } from '../data/ownText.ts';

/** The model that is handed over: of a run of the library its last checkpoint, else one that was just taken. */
export type HandedRun = { id: string } | { checkpoint: Uint8Array; own: OwnText | null };

/** A zip file, or why there is none: a sentence, and the settings that stand in the way. */
export type HandoverAnswer = { blob: Blob } | { reason: string; settings: readonly string[] };
