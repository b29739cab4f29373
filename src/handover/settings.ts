/** What every hand-over begins with. */
import { isSelectionBias } from '../config/balancing.ts';
import { engineConfig } from '../config/edit.ts';
import type { EngineConfig } from '../config/experiment.ts';
import { elementCount, isState, parameterShapes } from '../config/parameterShapes.ts';
import { settingsOfState } from '../config/surgeryHistory.ts';
import type { Tokenizer } from '../data/types.ts';
import type { EngineState, TensorMap } from '../train/engine/engine.ts';
import type { Checkpoint } from '../train/session/checkpoint.ts';
import { standing } from '../train/session/modelState.ts';
import type { Subject } from './transformers/needs.ts';

/** Files of a folder by their names. */
export type HandoverFiles = Map<string, Uint8Array>;

/** Parameters with the states that a model has: 0 where a setting begins one, none where it ended it. */
function withStates(parameters: TensorMap, config: EngineConfig): TensorMap {
  const states = parameterShapes(config).filter(isState);
  const kept = [...parameters].filter(([name]) => !isSelectionBias(name));
  const inForce = states.map(({ name, shape }) => {
    const data = new Float32Array(elementCount(shape));
    return [name, parameters.get(name) ?? { shape, data }] as const;
  });
  return new Map([...kept, ...inForce]);
}

/**
 * A checkpoint as its next step begins, for a tokenizer of `vocabulary` entries: the settings in force, and
 * the state under them, though events of that step may be younger than it.
 */
export function atNextStep(
  { experiment, state }: Checkpoint,
  vocabulary: number,
): { subject: Subject; state: EngineState } {
  const settings = settingsOfState(experiment, state.step, state.surgeries?.length ?? 0);
  const config = engineConfig(settings, vocabulary);
  const begun = standing(experiment, state);
  const parameters = withStates(begun.parameters, config);
  return { subject: { settings, config }, state: { ...begun, parameters } };
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function jsonFile(value: unknown): Uint8Array {
  return utf8(`${JSON.stringify(value, null, 1)}\n`);
}

/** What `train.py` needs of a tokenizer. @throws RangeError for byte pairs without their merges */
export function tokenizerJson({ kind, size, merges, label, decode }: Tokenizer): object {
  if (kind === 'bytes') return { kind };
  if (kind === 'chars')
    return { kind, chars: Array.from({ length: size }, (_, token) => decode([token])) };
  if (merges === undefined) throw new RangeError(`the merges of "${label(0)}" … are not known`);
  return { kind, merges };
}
