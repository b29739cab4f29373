// @ts-check

/** Leaves only when all that was written has arrived, also through a pipe. @param {number} code */
function leave(code) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
}

/**
 * Ends the process with what a command resolves to, or with 1 and the reason.
 * @param {Promise<number>} command
 */
export function leaveAfter(command) {
  command.then(leave, (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${text}\n`);
    leave(1);
  });
}
