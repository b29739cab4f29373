import type { JsonValue } from '../../config/experiment.ts';
import type { Setting } from '../../config/settings.ts';

/** What an input of the form is given. */
export interface InputProps<S extends Setting = Setting> {
  setting: S;
  id: string;
  value: JsonValue;
  /** Ids for the input's own message begin with this. */
  describedBy: string;
  /** Id of what is wrong with the value; undefined where nothing is. */
  wrong: string | undefined;
  change: (value: JsonValue) => void;
}
