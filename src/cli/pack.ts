/** `npm run pack -- --out FILE.tar.xz`: the commands as an archive that runs on other machines. */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { errorMessage } from '../train/session/errors.ts';
import type { CliIo } from './io.ts';
import { packedFiles } from './packFiles.ts';
import { tarOf } from './tar.ts';

export const USAGE = `Usage: npm run pack -- --out FILE.tar.xz [--with-node] [--level N]
  --out FILE    an archive with switchyard at its top, for x86-64 Linux with glibc 2.34 or newer
  --with-node   also this machine's Node; else the archive uses the one on the PATH
  --level N     how hard xz tries, from 0, which is fast, to 9 (default 9)
Exit code 1 when something is missing or the archive is too large, 2 for wrong usage.
`;

const MB = 1e6;
const LARGEST = 60 * MB;

const NO_XZ =
  'xz is missing: install xz-utils (Debian, Ubuntu) or xz (Fedora, RHEL, Homebrew), and pack again';

interface Wanted {
  out: string;
  withNode: boolean;
  level: number;
}

/** @throws TypeError or RangeError for wrong usage */
function readArguments(argv: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      out: { type: 'string' },
      'with-node': { type: 'boolean', default: false },
      level: { type: 'string', default: '9' },
    },
  });
  const { out, level } = values;
  if (out === undefined) throw new RangeError('--out FILE.tar.xz is needed');
  if (!out.endsWith('.tar.xz')) throw new RangeError(`--out ${out} does not end in .tar.xz`);
  if (!/^\d$/.test(level)) throw new RangeError(`--level ${level} is not a number from 0 to 9`);
  return { out, withNode: values['with-node'], level: Number(level) };
}

/** Compresses into a file. @throws Error where there is no xz, or where it or the file fails */
async function compress(bytes: Uint8Array, file: string, level: number): Promise<void> {
  const xz = spawn('xz', ['-c', '-T1', level === 9 ? '-9e' : `-${level}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // An xz that is missing or ends early breaks its pipe: how it ended says more.
  xz.stdin.on('error', () => undefined);
  xz.stdin.end(bytes);
  const ending = new Promise<number | null>((resolve, reject) => {
    xz.on('error', reject).on('close', resolve);
  });
  const writing = pipeline(xz.stdout, createWriteStream(file));
  const [ended, written] = await Promise.allSettled([ending, writing]);
  if (ended.status === 'rejected')
    throw ended.reason.code === 'ENOENT' ? new Error(NO_XZ) : ended.reason;
  if (written.status === 'rejected') throw written.reason;
  if (ended.value !== 0) throw new Error(`xz ended with ${ended.value}`);
}

/** Writes under a temporary name, so that an interruption leaves no half archive. */
async function writeArchive({ out, withNode, level }: Wanted, io: CliIo): Promise<void> {
  const part = `${out}.part`;
  const entries = await packedFiles({ withNode });
  const tar = tarOf(entries);
  io.stderr(`${entries.length} files, ${(tar.length / MB).toFixed(1)} MB; compressing\n`);
  try {
    await compress(tar, part, level);
    const { size } = await stat(part);
    const sum = `${(size / MB).toFixed(1)} MB`;
    if (size > LARGEST)
      throw new Error(`${out} would have ${sum}; at most ${LARGEST / MB} are allowed`);
    await rename(part, out);
    io.stdout(`${out}: ${sum}\n`);
  } finally {
    await rm(part, { force: true });
  }
}

/** @returns exit code: 0, 1 when something is missing or too large, 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let wanted: Wanted;
  try {
    wanted = readArguments(argv);
  } catch (error) {
    io.stderr(`${errorMessage(error)}\n${USAGE}`);
    return 2;
  }
  try {
    await writeArchive(wanted, io);
    return 0;
  } catch (error) {
    io.stderr(`error: ${errorMessage(error)}\n`);
    return 1;
  }
}
