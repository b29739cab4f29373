import type { OwnText } from '../worker/api.ts';

export type OwnTextResult = { ok: true; own: OwnText } | { ok: false; message: string };

/** What reads texts comes when the first one does. */
const reader = () => import('../data/ownText.ts');

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function taken(read: () => Promise<OwnText>): Promise<OwnTextResult> {
  try {
    return { ok: true, own: await read() };
  } catch (error) {
    return { ok: false, message: reasonOf(error) };
  }
}

/** Takes a pasted text, or says why not. */
export function pastedText(text: string): Promise<OwnTextResult> {
  return taken(async () => (await reader()).ownTextOf('Pasted text', text));
}

/** Reads a file as UTF-8; one above the limit is not read at all. */
export function ownTextOfFile(file: File): Promise<OwnTextResult> {
  return taken(async () => {
    const { checkOwnSize, ownTextOfBytes } = await reader();
    checkOwnSize(file.name, file.size);
    return ownTextOfBytes(file.name, await bytesOf(file));
  });
}

async function bytesOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`${file.name} cannot be read: ${reasonOf(error)}`);
  }
}
