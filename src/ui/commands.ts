/** All that keys, menus and the palette can do, as one table. */
import type { Lab } from '../state/lab.ts';
import { goToRoom } from './go.ts';
import { otherTheme } from './kit/useTheme.ts';
import {
  copyLink,
  openCheckpoint,
  openExperiment,
  openRuns,
  saveCheckpoint,
  saveExperiment,
} from './shell/share.ts';
import { OFFERED, roomKey } from './views/rooms.ts';

export interface Key {
  /** As the browser names it; letters in either case. */
  key: string;
  /** As the help names it. */
  label: string;
  /** With Ctrl, or ⌘. */
  ctrl?: true;
  shift?: true;
  /** Also where a person types. */
  always?: true;
}

export interface Command {
  id: string;
  title: string;
  /** What a person should know beside the title, for the help. */
  note?: string;
  keys?: Key;
  /** Part of the file menu that has it. */
  menu?: string;
  /** Whether it can be used now; always where absent. */
  when?: (lab: Lab) => boolean;
  run: (lab: Lab) => unknown;
}

const letter = (key: string): Key => ({ key, label: key.toUpperCase() });
const EXPERIMENT = 'Experiment';
const RUNS = 'Runs';
const CHECKPOINT = 'Checkpoint: parameters, moments, step';

function hasRun({ run }: Lab): boolean {
  const { report, phase } = run.getState();
  return report !== null && phase !== 'opening';
}

const RUN: readonly Command[] = [
  {
    id: 'toggle',
    title: 'Start or pause',
    keys: { key: ' ', label: 'Space' },
    run: ({ commands }) => commands.toggle(),
  },
  { id: 'step', title: 'Take one step', keys: letter('.'), run: ({ commands }) => commands.step() },
  {
    id: 'reset',
    title: 'Reset to step 0',
    note: 'asks first after 50 steps',
    keys: letter('r'),
    when: hasRun,
    run: ({ commands }) => commands.askReset(),
  },
  {
    id: 'undo',
    title: 'Undo an edit of the settings',
    keys: { key: 'z', label: 'Ctrl Z', ctrl: true },
    run: ({ commands }) => commands.undo(),
  },
  {
    id: 'redo',
    title: 'Redo what was undone',
    keys: { key: 'z', label: 'Ctrl Shift Z', ctrl: true, shift: true },
    run: ({ commands }) => commands.redo(),
  },
  { id: 'link', title: 'Copy the link', keys: letter('s'), run: copyLink },
];

const FILES: readonly Command[] = [
  { id: 'open', title: 'Open a file…', menu: EXPERIMENT, run: openExperiment },
  { id: 'save', title: 'Save as JSON', menu: EXPERIMENT, run: saveExperiment },
  {
    id: 'share',
    title: 'Share or embed…',
    menu: EXPERIMENT,
    run: ({ view }) => view.getState().set({ sheet: 'share' }),
  },
  { id: 'restore', title: 'Load safetensors…', menu: CHECKPOINT, run: openCheckpoint },
  {
    id: 'checkpoint',
    title: 'Save as safetensors',
    menu: CHECKPOINT,
    when: hasRun,
    run: saveCheckpoint,
  },
  {
    id: 'handover',
    title: 'Hand over to PyTorch…',
    menu: CHECKPOINT,
    when: hasRun,
    run: ({ view }) => view.getState().set({ sheet: 'handover', handed: null }),
  },
  { id: 'open-runs', title: 'Open runs (.zip)…', menu: RUNS, run: openRuns },
];

const ROOM_COMMANDS = OFFERED.map(
  (room, i): Command => ({
    id: `room-${room.id}`,
    title: `Go to ${room.title}`,
    keys: letter(roomKey(i)),
    run: (lab) => goToRoom(lab, room),
  }),
);

const PAGE: readonly Command[] = [
  ...ROOM_COMMANDS,
  {
    id: 'theme',
    title: 'Switch between light and dark',
    run: ({ view }) => view.getState().set({ theme: otherTheme() }),
  },
  {
    id: 'palette',
    title: 'Find a view, setting or command',
    menu: '',
    keys: { key: 'k', label: 'Ctrl K', ctrl: true, always: true },
    run: ({ view }) => view.getState().set({ sheet: 'palette' }),
  },
  {
    id: 'help',
    title: 'Keyboard shortcuts',
    menu: '',
    keys: letter('?'),
    run: ({ view }) => view.getState().set({ sheet: 'help' }),
  },
  {
    id: 'about',
    title: 'About Switchyard',
    menu: '',
    run: ({ view }) => view.getState().set({ sheet: 'about' }),
  },
];

export const COMMANDS: readonly Command[] = [...RUN, ...FILES, ...PAGE];

/** Whether a key press is a command's. */
export function isPressed({ keys }: Command, event: KeyboardEvent): boolean {
  if (keys === undefined || event.key.toLowerCase() !== keys.key) return false;
  const isCtrl = event.ctrlKey || event.metaKey;
  if (keys.ctrl) return isCtrl && event.shiftKey === (keys.shift ?? false);
  return !isCtrl && !event.altKey && !event.repeat;
}
