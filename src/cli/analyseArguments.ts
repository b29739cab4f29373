/** What `npm run analyse` is asked. */
import { parseArgs } from 'node:util';
import { PROBE_TASKS, type ProbeTask } from '../analysis/probes/probe.ts';
import { type NamedRequest, standardRequests } from '../analysis/standard.ts';
import { counted } from '../config/plural.ts';

const MAX_SEED = 2 ** 32 - 1;
export const STANDARD_FIGURES = standardRequests(1).map(({ as }) => as);

export const USAGE = `Usage: npm run analyse -- CHECKPOINT|RUN.zip --out FILE [options]
  CHECKPOINT       a run's parameters as safetensors, with its experiment
  RUN.zip          a file of a run: its last checkpoint
  --out FILE       {"format": 1, "figures": {…}}: the figures of docs/analysis.md by their names there
  --baseline FILE  a checkpoint or run on the same tokens: figures of difficult tokens, and saturation
                   where it has the same slots
  --text FILE      inspects this text instead of the validation set, in sequences of the run's length;
                   the own text of a run that was trained on one, where its file holds none
  --figures LIST   of ${STANDARD_FIGURES.slice(0, 9).join(', ')},
                   ${STANDARD_FIGURES.slice(9, 15).join(', ')},
                   ${STANDARD_FIGURES.slice(15).join(', ')} (default: all that can be computed)
  --requests FILE  also figures of passes with interventions, by names of your own:
                   {"NAME": {"figure": F, arguments}, …}, F of contribution (n, seed), removal,
                   interventions (items with a "type", of, routing), pruning (rule, layer)
  --probes LIST    also probe tasks: ${PROBE_TASKS.join(', ')}, or all
  --seed N         of draws and of probe items (default 1)
  --raw FILE       the routing itself as safetensors, in the goldens' tensor names, and what tokens
                   lose in the passes of contribution and of --requests, as out.NAME.losses; with
                   "routing": true also out.NAME.layers.…, the routing behind interventions
Exit code 1 when something failed or was refused, 2 for wrong usage.
`;

export interface AnalyseArguments {
  source: string;
  out: string;
  baseline: string | null;
  text: string | null;
  requests: NamedRequest[];
  /** A file of further requests. */
  requestsFile: string | null;
  /** Whether the figures were named: one that cannot be computed is an error then. */
  isNamed: boolean;
  probes: readonly ProbeTask[];
  seed: number;
  raw: string | null;
}

/** The names of a list, each of which is known. @throws RangeError naming the first that is not */
function namesOf(option: string, list: string, known: readonly string[]): string[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new RangeError(`--${option}: there is no "${unknown}"; there are ${known.join(', ')}`);
  return names;
}

/** @throws TypeError or RangeError for wrong usage */
export function parseArguments(argv: readonly string[]): AnalyseArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      baseline: { type: 'string' },
      text: { type: 'string' },
      figures: { type: 'string' },
      requests: { type: 'string' },
      probes: { type: 'string' },
      seed: { type: 'string', default: '1' },
      raw: { type: 'string' },
    },
  });
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0)
    throw new RangeError(`${counted(positionals.length, 'checkpoint')} given; one is needed`);
  if (values.out === undefined) throw new RangeError('--out FILE is needed');
  const seed = values.seed === '' ? Number.NaN : Number(values.seed);
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= MAX_SEED))
    throw new RangeError(`--seed ${values.seed} is not a whole number from 0 to ${MAX_SEED}`);
  const { figures, probes, baseline = null, text = null, requests = null, raw = null } = values;
  const wanted =
    figures === undefined ? STANDARD_FIGURES : namesOf('figures', figures, STANDARD_FIGURES);
  const tasks = probes === undefined ? [] : namesOf('probes', probes, [...PROBE_TASKS, 'all']);
  return {
    source,
    out: values.out,
    baseline,
    text,
    requests: standardRequests(seed).filter(({ as }) => wanted.includes(as)),
    requestsFile: requests,
    isNamed: figures !== undefined,
    probes: PROBE_TASKS.filter((task) => tasks.includes('all') || tasks.includes(task)),
    seed,
    raw,
  };
}
