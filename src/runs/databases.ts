/** Names of the databases, for whoever asks only whether they are there. */

/** The library's. */
export const DATABASE = 'switchyard.runs';
/** That of versions before the library. */
export const OLD_DATABASE = 'switchyard';

/** Whether anything was ever stored; true where the browser does not tell. */
export async function isAnythingStored(): Promise<boolean> {
  try {
    const names = (await indexedDB.databases()).map(({ name }) => name);
    return names.includes(DATABASE) || names.includes(OLD_DATABASE);
  } catch {
    return true;
  }
}
