/** Python with PyTorch, for tests of what is handed over to it. */
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

/** PYTHON where it is set, else the system's, else the one on the path. */
const CANDIDATES = [process.env.PYTHON, '/usr/bin/python3', 'python3'];

function hasTorch(python: string): boolean {
  const { status } = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' });
  return status === 0;
}

/** A Python that has torch; null where there is none, and its tests are reported as not run. */
export const PYTHON =
  CANDIDATES.find((python): python is string => python !== undefined && hasTorch(python)) ?? null;

export interface Ran {
  code: number | null;
  out: string;
}

interface Where {
  cwd: string;
  env?: Record<string, string>;
}

/** A program of Python; one thread, since others run beside. @param onText hears all that it has said so far */
function start(
  args: readonly string[],
  { cwd, env = {} }: Where,
  onText: (out: string) => void = () => {},
): { ran: Promise<Ran>; kill(): void } {
  const child = spawn(PYTHON ?? 'python3', args, {
    cwd,
    env: { ...process.env, OMP_NUM_THREADS: '1', ...env },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      out += part.toString();
      onText(out);
    });
  const ran = new Promise<Ran>((resolve) => child.on('close', (code) => resolve({ code, out })));
  return { ran, kill: () => child.kill('SIGKILL') };
}

/** Runs a program of Python to its end. */
export function runPython(args: readonly string[], where: Where): Promise<Ran> {
  return start(args, where).ran;
}

/** A port that nothing listens at. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      server.close(() => resolve(port));
    });
  });
}

/**
 * The same in several processes of one group, as `torchrun` starts them.
 * @param killAt step at whose line in the output all of them are killed at once
 */
export async function runGroup(
  n: number,
  args: readonly string[],
  cwd: string,
  killAt: number | null = null,
): Promise<Ran[]> {
  const port = await freePort();
  const shared = { WORLD_SIZE: String(n), MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(port) };
  const hear = (out: string) => {
    if (killAt !== null && out.includes(`step ${killAt} `)) for (const { kill } of group) kill();
  };
  const group = Array.from({ length: n }, (_, rank) => {
    const env = { ...shared, RANK: String(rank), LOCAL_RANK: String(rank) };
    return start(args, { cwd, env }, hear);
  });
  return Promise.all(group.map(({ ran }) => ran));
}
