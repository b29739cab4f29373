import type { Command } from './io.ts';

/** One of the stable commands: `npm run NAME -- …`, or `./switchyard NAME …` in a packed runner. */
export interface CommandRow {
  name: string;
  /** What it does, in one line. */
  about: string;
  load(): Promise<{ main: Command; USAGE: string }>;
  /** Works on the sources, which a packed runner does not have. */
  needsSources?: true;
}

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'experiment',
    about: 'trains an experiment and writes its telemetry',
    load: () => import('./experiment.ts'),
  },
  {
    name: 'analyse',
    about: 'computes the figures of a trained run, and puts probe tasks to it',
    load: () => import('./analyse.ts'),
  },
  {
    name: 'recipe',
    about: 'runs claims of the papers, and merges their results',
    load: () => import('./recipe.ts'),
  },
  {
    name: 'sweep',
    about: 'trains experiments over values of their settings',
    load: () => import('./sweep.ts'),
  },
  {
    name: 'handover',
    about: 'writes a model as a folder that goes on in PyTorch or transformers',
    load: () => import('./handover.ts'),
  },
  {
    name: 'golden',
    about: 'runs golden cases against the engine',
    load: () => import('./golden.ts'),
  },
  {
    name: 'link',
    about: 'turns a link into JSON, and back',
    load: () => import('./link.ts'),
  },
  {
    name: 'bench',
    about: 'measures speed',
    load: () => import('./bench.ts'),
  },
  {
    name: 'doctor',
    about: 'says what this machine computes on, or what it lacks',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'pack',
    about: 'makes an archive that runs these commands elsewhere',
    load: () => import('./pack.ts'),
    needsSources: true,
  },
];
