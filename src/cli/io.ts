/** What a command may touch of the outside world; tests hand in their own. */
export interface CliIo {
  /** The command's result, and nothing else. */
  stdout: (text: string) => void;
  /** Progress and problems. */
  stderr: (text: string) => void;
  /** Text of a file; rejects where it cannot be read. */
  readFile: (path: string) => Promise<string>;
}

/**
 * Every `src/cli/<command>.ts` exports a `main` of this type; it resolves to the exit code: 0 for
 * success, 1 where something failed, 2 for wrong usage.
 */
export type Command = (argv: readonly string[], io: CliIo) => Promise<number>;
