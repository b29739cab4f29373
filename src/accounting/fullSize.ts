/**
 * The papers' models at full size, for accounting only: none of them is meant to be trained here.
 * Every row names the table that it comes from and what that table prints.
 */
import type { FullSizeModel } from './fullSize/common.ts';
import { equalResModels } from './fullSize/equalres.ts';
import { modseModels } from './fullSize/modse.ts';
import { moeppModels } from './fullSize/moepp.ts';
import { tcmoeModels } from './fullSize/tcmoe.ts';

export type { FullSizeModel } from './fullSize/common.ts';

/** All full-size models, by paper. */
export const FULL_SIZE_MODELS: readonly FullSizeModel[] = [
  ...modseModels(),
  ...moeppModels(),
  ...equalResModels(),
  ...tcmoeModels(),
];
