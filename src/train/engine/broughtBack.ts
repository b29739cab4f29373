/** What undoing a surgery brings back. */
import { selectionBiasName } from '../../config/balancing.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { slotsOfLayer } from '../../config/layers.ts';
import { isState } from '../../config/parameterShapes.ts';
import type { Elements } from '../../model/surgery.ts';
import { countFresh, type FreshElements } from '../../model/surgeryMoves.ts';
import type { SurgeryRecord } from './engine.ts';

/**
 * Where among the removed elements those of each state begin that the surgery knew: behind all
 * parameters, layer by layer.
 */
function startsOfStates(
  { origins }: SurgeryRecord,
  after: Pick<EngineConfig, 'model' | 'experts'>,
  first: number,
): ReadonlyMap<string, number> {
  const known = new Map(origins);
  const starts = new Map<string, number>();
  let at = first;
  for (let l = 0; l < after.model.L; l++) {
    const name = selectionBiasName(l);
    const { source = null, cols = [] } = known.get(name) ?? {};
    if (source === null) continue;
    starts.set(name, at);
    const kept = new Set(cols.filter((col) => col >= 0));
    at += slotsOfLayer(after.experts, l).length - kept.size;
  }
  return starts;
}

/**
 * The removed elements in the order of what a model after an undo gets from nowhere. A state that has
 * begun since the surgery is 0, one that has ended since is left out.
 * @param after configuration after the undo
 */
export function broughtBack(
  record: SurgeryRecord,
  fresh: readonly FreshElements[],
  after: Pick<EngineConfig, 'model' | 'experts'>,
): Elements {
  const states = fresh.filter(({ entry }) => isState(entry));
  const ofParameters = countFresh(fresh) - countFresh(states);
  const starts = startsOfStates(record, after, ofParameters);
  const sized = (removed: Float32Array) => {
    const elements = new Float32Array(countFresh(fresh));
    elements.set(removed.subarray(0, ofParameters));
    let at = ofParameters;
    for (const state of states) {
      const start = starts.get(state.entry.name);
      const count = countFresh([state]);
      if (start !== undefined) elements.set(removed.subarray(start, start + count), at);
      at += count;
    }
    return elements;
  };
  const { values, firstMoments, secondMoments } = record.removed;
  return {
    values: sized(values),
    firstMoments: sized(firstMoments),
    secondMoments: sized(secondMoments),
  };
}
