import { expect, it } from 'vitest';
import { storedElements } from '../../src/accounting/storedElements.ts';
import { engineConfig } from '../../src/config/edit.ts';
import { PRESETS } from '../../src/config/presets.ts';
import { drawConfig } from '../../src/golden/drawConfig.ts';
import { Draws } from '../../src/golden/draws.ts';
import { parameterLayout } from '../../src/layout/parameterLayout.ts';

it('counts as many elements as the buffer of parameters has', () => {
  for (const { id, experiment } of PRESETS) {
    const config = engineConfig(experiment, 91);
    expect(storedElements(config), id).toBe(parameterLayout(config).floats);
  }
  for (let seed = 0; seed < 300; seed++) {
    const features = seed % 3 === 0 ? 'balance' : 'all';
    const { config } = drawConfig(new Draws(seed, 'storedElements'), features);
    expect(storedElements(config), `seed ${seed}`).toBe(parameterLayout(config).floats);
  }
});
