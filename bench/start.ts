/** When this worker began: imported before everything else, so that loading the library counts. */
export const startedAt = performance.now();
