/** The script for Slurm, under an sbatch that runs the tasks of an array one after the other. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { productFile } from '../../src/data/productFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = (name: string, text: string) =>
  writeFileSync(join(folder, name), text, { mode: 0o755 });

/** As Slurm does, it runs a copy of the script, and gives it the options in its comments. */
program(
  'sbatch',
  `#!/bin/sh
array=\${1#--array=}; shift
script=$1; shift
min=\${array%%[-,]*}; max=\${array##*[-,]}
case $array in *,*) ids=$(echo "$array" | tr , ' ') ;; *) ids=$(seq "$min" "$max") ;; esac
cp "$script" "$SPOOL/slurm_script"
grep '^#SBATCH' "$script" > "$SPOOL/options"
code=0
for id in $ids; do
  SLURM_ARRAY_TASK_ID=$id SLURM_ARRAY_TASK_MIN=$min SLURM_ARRAY_TASK_MAX=$max \\
  SLURM_ARRAY_TASK_COUNT=$(echo $ids | wc -w) SLURM_SUBMIT_DIR=$PWD \\
    sh "$SPOOL/slurm_script" "$@" || code=$?
done
exit $code
`,
);
program('switchyard', '#!/bin/sh\nfor word in "$@"; do printf "[%s]" "$word"; done; echo\n');

const SCRIPT = fileURLToPath(productFile('src/cli/slurm.sh'));

function submit(argv: readonly string[], cwd = folder, env = {}) {
  const spool = mkdtempSync(join(folder, 'spool-'));
  const { status, stdout, stderr } = spawnSync(join(folder, 'sbatch'), argv, {
    cwd,
    env: { PATH: process.env.PATH ?? '', SPOOL: spool, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr, options: readFileSync(join(spool, 'options'), 'utf8') };
}

const ASKED = [...'recipe all --out'.split(' '), 'my results'];
const shard = (i: number, n: number) =>
  `[recipe][all][--out][my results][--shard][${i}/${n}][--resume]\n`;

describe('the Slurm script', () => {
  it('gives every task of the array its shard', () => {
    const { status, stdout, options } = submit(['--array=0-2', SCRIPT, ...ASKED]);
    expect(status).toBe(0);
    expect(stdout).toBe(shard(0, 3) + shard(1, 3) + shard(2, 3));
    expect(options).toMatch(/--gres=gpu:1/);
  });

  it('counts shards from the first task, and is told where the runner is', () => {
    const submitted = submit(['--array=5-6', SCRIPT, ...ASKED], tmpdir(), { SWITCHYARD: folder });
    expect(submitted.stdout).toBe(shard(0, 2) + shard(1, 2));
  });

  it('refuses an array with gaps, a single job, and a folder without the runner', () => {
    const gaps = submit(['--array=0,2', SCRIPT, ...ASKED]);
    expect([gaps.status, gaps.stdout]).toEqual([2, '']);
    expect(gaps.stderr).toMatch(/the tasks are not 0 to 2 without a gap/);
    expect(submit(['--array=0-0', SCRIPT], tmpdir()).stderr).toMatch(/no switchyard in/);
    const alone = spawnSync('sh', [SCRIPT], { cwd: folder, encoding: 'utf8' });
    expect([alone.status, alone.stderr]).toEqual([2, expect.stringMatching(/no array job/)]);
  });
});
