/**
 * The one ordered table of all settings of an experiment. Defaults, reading and checking, the form,
 * links and badges derive from its rows: adding a setting = one row in `rows/` and its field in
 * `experiment.ts`. Keys are never reused; the order is the order of links.
 */
import { DEFAULTS_V1 } from './defaults.ts';
import { getPath } from './paths.ts';
import { data, seeds } from './rows/data.ts';
import { evaluation, events } from './rows/evaluation.ts';
import { experts } from './rows/experts.ts';
import { losses } from './rows/losses.ts';
import { network } from './rows/network.ts';
import { batch, optimizer } from './rows/optimizer.ts';
import { router } from './rows/router.ts';
import type { Row, Setting } from './settings.ts';

function withDefault(row: Row): Setting {
  return { ...row, default: getPath(DEFAULTS_V1, row.path) ?? null };
}

/** All settings, in the order of links and of the form. */
export const SETTINGS: readonly Setting[] = [
  ...network,
  ...router,
  ...experts,
  ...losses,
  ...optimizer,
  ...batch,
  ...data,
  ...seeds,
  ...evaluation,
  ...events,
].map(withDefault);

const byPath = new Map(SETTINGS.map((setting) => [setting.path, setting]));
const byKey = new Map(SETTINGS.map((setting) => [setting.key, setting]));

/** Row of a dotted path, or undefined for a path that is no setting. */
export function settingAt(path: string): Setting | undefined {
  return byPath.get(path);
}

/** Row of a link key, or undefined. */
export function settingOfKey(key: string): Setting | undefined {
  return byKey.get(key);
}
