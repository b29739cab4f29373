import { readFile } from 'node:fs/promises';
import type { CliIo } from '../../src/cli/io.ts';

/** What a command is given: it reads files, its output goes nowhere, its errors are kept. */
export function heardIo(): { io: CliIo; errors(): string } {
  let errors = '';
  const io = {
    stdout: () => {},
    stderr: (text: string) => {
      errors += text;
    },
    readFile: (file: string) => readFile(file, 'utf8'),
  };
  return { io, errors: () => errors };
}
