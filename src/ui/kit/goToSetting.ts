/** The way to a setting in the form. */
import { settingAt } from '../../config/schema.ts';
import type { Lab } from '../../state/lab.ts';

/** To a setting in the form, which opens where it is not beside the room. */
export function goToSetting({ view }: Pick<Lab, 'view'>, path: string): void {
  const group = settingAt(path)?.group;
  const { collapsed } = view.getState();
  view.getState().set({
    collapsed: collapsed.filter((name) => name !== group),
    sheet: isFormBeside() ? null : 'settings',
    sought: { setting: path },
  });
}

/** Where the form has a place beside the room; as the style sheets have it. */
export const FORM_BESIDE = '(min-width: 900px)';

function isFormBeside(): boolean {
  return window.matchMedia(FORM_BESIDE).matches;
}
