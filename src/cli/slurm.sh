#!/bin/sh
#SBATCH --job-name=switchyard
#SBATCH --output=%x-%A-%a.txt
#SBATCH --gres=gpu:1
#SBATCH --requeue
# An array job: every task runs its shard of recipes, or of a sweep, and goes on where it was left.
# Submitted from the folder of the runner, or with SWITCHYARD naming that folder:
#   sbatch --array=0-7 slurm.sh recipe all --budget standard --out results
here=${SWITCHYARD:-${SLURM_SUBMIT_DIR:-.}}

say() {
  echo "slurm.sh: $*" >&2
  exit 2
}

[ -x "$here/switchyard" ] ||
  say "there is no switchyard in $here: submit from its folder, or set SWITCHYARD"
[ -n "${SLURM_ARRAY_TASK_ID:-}" ] ||
  say "this is no array job: sbatch --array=0-7 slurm.sh recipe all --out results"
count=$((SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1))
[ "$count" -eq "$SLURM_ARRAY_TASK_COUNT" ] ||
  say "the tasks are not $SLURM_ARRAY_TASK_MIN to $SLURM_ARRAY_TASK_MAX without a gap: every shard needs one"
shard=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN))
exec "$here/switchyard" "$@" --shard "$shard/$count" --resume
