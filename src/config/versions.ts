/** Versions of the experiment: frozen defaults and the steps from one version to the next. */
import { CURRENT_VERSION, DEFAULTS } from './defaults.ts';
import { isRecord, ownValue } from './paths.ts';

/** Turns a complete experiment of version N into one of version N + 1. */
export type Migration = (raw: Record<string, unknown>) => Record<string, unknown>;

export interface VersionRegistry {
  current: number;
  /** Frozen defaults by version. */
  defaults: Readonly<Record<number, object>>;
  /** `migrations[N]` leads from N to N + 1. */
  migrations: Readonly<Record<number, Migration>>;
}

export const VERSIONS: VersionRegistry = {
  current: CURRENT_VERSION,
  defaults: DEFAULTS,
  migrations: {},
};

/** "version 1", "versions 1 to 3": what this program reads. */
export function readVersions({ current }: Pick<VersionRegistry, 'current'> = VERSIONS): string {
  return current === 1 ? 'version 1' : `versions 1 to ${current}`;
}

/** `raw` with what it leaves out taken from the defaults; lists and loss terms are taken whole. */
function completed(raw: unknown, defaults: unknown, path = ''): unknown {
  if (raw === undefined) return defaults;
  const isWhole = path === 'losses' || path === 'data.mix' || path === 'experts.perLayer';
  if (isWhole || !isRecord(raw) || !isRecord(defaults)) return raw;
  const keys = new Set([...Object.keys(defaults), ...Object.keys(raw)]);
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      completed(ownValue(raw, key), ownValue(defaults, key), path === '' ? key : `${path}.${key}`),
    ]),
  );
}

/**
 * Brings an experiment of an older version to the current one. What it leaves out first gets the
 * defaults of its own version, so that it keeps its meaning.
 * @throws RangeError for a version that is not in the registry
 */
export function migrate(
  raw: Record<string, unknown>,
  version: number,
  registry: VersionRegistry = VERSIONS,
): Record<string, unknown> {
  const defaults = Object.hasOwn(registry.defaults, version)
    ? registry.defaults[version]
    : undefined;
  if (defaults === undefined)
    throw new RangeError(
      `version ${version} is unknown; this program reads ${readVersions(registry)}`,
    );
  if (version === registry.current) return raw;
  const complete = completed(raw, defaults);
  let next: Record<string, unknown> = isRecord(complete) ? complete : raw;
  for (let from = version; from < registry.current; from++) {
    const step = registry.migrations[from];
    if (step === undefined) throw new RangeError(`no migration from version ${from}`);
    next = step(next);
  }
  return { ...next, version: registry.current };
}
