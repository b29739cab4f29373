/** What the palette finds, and how what is typed narrows it. */
import { SETTINGS } from '../../config/schema.ts';
import type { Lab } from '../../state/lab.ts';
import { COMMANDS } from '../commands.ts';
import { GROUP_TITLES } from '../form/groups.ts';
import { CHOICES, choosePreset } from '../form/presetChoices.ts';
import { goToView } from '../go.ts';
import { goToSetting } from '../kit/goToSetting.ts';
import { choicesShown } from '../kit/menusShown.ts';
import { VIEWS } from '../views/registry.ts';
import { OFFERED } from '../views/rooms.ts';

export interface Entry {
  id: string;
  title: string;
  /** What it is: a view, the group of a setting, the part of a menu. */
  kind: string;
  keys?: string | undefined;
  run: (lab: Lab) => unknown;
}

/** Everything that can be gone to or done now. */
export function entriesOf(lab: Lab): Entry[] {
  const { experiment } = lab.config.getState();
  const commands = COMMANDS.filter(({ id, when }) => id !== 'palette' && when?.(lab) !== false);
  // The file menu offers commands.
  const choices = choicesShown().filter(
    ({ choice }) => !COMMANDS.some(({ title }) => title === choice.label),
  );
  const views = VIEWS.filter(({ id }) =>
    OFFERED.some(({ columns }) => columns.flat().includes(id)),
  );
  const settings = SETTINGS.filter(
    ({ control, visibleWhen }) => control.type !== 'none' && visibleWhen?.(experiment) !== false,
  );
  return [
    ...commands.map(({ id, title, menu, keys, run }) => ({
      id: `command ${id}`,
      title,
      kind: menu ?? '',
      keys: keys?.label,
      run,
    })),
    ...views.map(({ id, title }) => ({
      id: `view ${id}`,
      title,
      kind: 'view',
      run: (to: Lab) => goToView(to, id),
    })),
    ...settings.map(({ path, label, group }) => ({
      id: `setting ${path}`,
      title: label,
      kind: GROUP_TITLES[group],
      run: (to: Lab) => goToSetting(to, path),
    })),
    // Two menus may be called alike.
    ...choices.map(({ menu, choice }, i) => ({
      id: `choice ${i} ${menu} ${choice.label}`,
      title: `${menu}: ${choice.label}`,
      kind: 'menu',
      run: choice.onSelect,
    })),
    ...CHOICES.map((preset) => ({
      id: `preset ${preset.id}`,
      title: preset.title,
      kind: `preset, ${preset.paper}`,
      run: (to: Lab) => choosePreset(to, preset),
    })),
  ];
}

/**
 * How well a title answers to what is typed, 0 best: its letters in order, the fewer between them and
 * the earlier the better; null where one is missing.
 */
export function distance(title: string, typed: string): number | null {
  const [within, letters] = [title.toLowerCase(), typed.toLowerCase().replaceAll(' ', '')];
  const whole = within.indexOf(typed.toLowerCase().trim());
  if (whole === 0) return within === typed.toLowerCase().trim() ? 0 : 1;
  if (whole > 0) return within[whole - 1] === ' ' ? 2 : 3;
  let [at, gaps] = [-1, 0];
  for (const letter of letters) {
    const next = within.indexOf(letter, at + 1);
    if (next < 0) return null;
    gaps += at < 0 ? 0 : next - at - 1;
    at = next;
  }
  return 4 + gaps;
}

/** Words of what an entry is count whole only, and behind every title. */
function farOf({ title, kind }: Entry, typed: string): number | null {
  const isOfKind = kind.toLowerCase().includes(typed.toLowerCase().trim());
  return distance(title, typed) ?? (isOfKind ? FAR : null);
}

const FAR = 1000;

/** The entries that answer to what is typed, the best first; all of them for nothing. */
export function matching(entries: readonly Entry[], typed: string): Entry[] {
  return entries
    .map((entry) => ({ entry, far: farOf(entry, typed) }))
    .filter((row): row is { entry: Entry; far: number } => row.far !== null)
    .sort((a, b) => a.far - b.far)
    .map(({ entry }) => entry);
}
