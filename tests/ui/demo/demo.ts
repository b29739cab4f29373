/** The page over the fake trainer, for looking at it without a GPU: `npx vite`, /tests/ui/demo/. */

import { syntheticRun } from '../../../bench/syntheticRuns.ts';
import { presetById } from '../../../src/config/presets.ts';
import { createLab } from '../../../src/state/lab.ts';
import { browserAddressBar } from '../../../src/state/linkSync.ts';
import { mount } from '../../../src/ui/mount.tsx';
import { VIEW_FIELDS } from '../../../src/ui/views/registry.ts';
import { fakeLibrary } from '../../support/fakeLibrary.ts';
import { createFakeTrainer } from '../fakeTrainer.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');
const query = new URLSearchParams(window.location.search);
const isSoftware = query.has('software');
const client = createFakeTrainer({
  intervalMs: 100,
  stepsPerReport: Number(query.get('steps') ?? 4),
  ...(isSoftware ? { adapter: { isSoftware, description: 'Google SwiftShader' } } : {}),
});
const lost = query.get('fail');
if (lost !== null)
  client.failNext(
    query.get('at') ?? 'probe',
    lost,
    query.get('message') ?? 'navigator.gpu is undefined.',
  );
/** Runs of the library, and the steps of each. */
const [runs, steps] = (query.get('runs') ?? '0x0').split('x').map(Number);
const preset = presetById(query.get('preset') ?? '');
mount(
  root,
  createLab({
    client,
    bar: browserAddressBar(window),
    storage: window.localStorage,
    viewFields: VIEW_FIELDS,
    library: fakeLibrary(
      Array.from({ length: runs ?? 0 }, (_, i) => syntheticRun(i, steps ?? 1000, Date.now())),
    ),
    whenIdle: (task) => setTimeout(task, 300),
    ...(preset === undefined ? {} : { initial: preset.experiment }),
  }),
);
