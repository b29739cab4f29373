import fc from 'fast-check';
import { expect, it } from 'vitest';
import { slotPlaces } from '../../src/accounting/places.ts';
import type { Slot } from '../../src/config/experiment.ts';
import { SLOT_KINDS } from '../../src/config/slots.ts';
import { capacityPlaces } from '../../src/reference/dispatch.ts';

it('are those of the reference, for any slots, assignments, γ and τ', () => {
  const kind = fc.constantFrom(...SLOT_KINDS);
  const factor = fc.double({ min: 0.05, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(kind, { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 0, max: 20_000 }),
      factor,
      factor,
      (kinds, A, gamma, tau) => {
        const slots = kinds.map((kind) => ({ kind, hidden: 8, of: 0 }) as Slot);
        const wanted = capacityPlaces(slots, A, { gamma, tau });
        expect(slotPlaces(kinds, A, { gamma, tau })).toEqual(wanted);
      },
    ),
  );
});
