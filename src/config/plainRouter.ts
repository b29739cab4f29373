import { DEFAULTS_V1 } from './defaults.ts';
import type { RouterConfig } from './experiment.ts';

/** A top-k router without anything beyond it, but for what is given: a field that is added later is off. */
export function plainRouter(values: Partial<RouterConfig> = {}): RouterConfig {
  return { ...DEFAULTS_V1.router, ...values };
}
