import type { Group } from '../../config/settings.ts';

/** Titles of the form's groups. */
export const GROUP_TITLES: Readonly<Record<Group, string>> = {
  network: 'Network',
  router: 'Router',
  experts: 'Experts',
  losses: 'Balance losses',
  optimizer: 'Optimiser',
  batch: 'Batch',
  data: 'Text',
  seeds: 'Seeds',
  evaluation: 'Validation and samples',
  events: 'Events',
};
