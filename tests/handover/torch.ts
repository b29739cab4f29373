/** Python with PyTorch, for tests of what is handed over to it. */
import { spawn, spawnSync } from 'node:child_process';

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

/** Runs a program of Python to its end; one thread, since others run beside. */
export function runPython(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ran> {
  const child = spawn(PYTHON ?? 'python3', args, {
    cwd,
    env: { ...process.env, OMP_NUM_THREADS: '1', ...env },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      out += part.toString();
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })));
}

/** The same in several processes of one group, as `torchrun` starts them. */
export function runGroup(
  n: number,
  port: number,
  args: readonly string[],
  cwd: string,
): Promise<Ran[]> {
  const shared = { WORLD_SIZE: String(n), MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(port) };
  return Promise.all(
    Array.from({ length: n }, (_, rank) =>
      runPython(args, { cwd, env: { ...shared, RANK: String(rank), LOCAL_RANK: String(rank) } }),
    ),
  );
}
