/** Ways to a place of the page, from wherever a person is. */
import { settingAt } from '../config/schema.ts';
import type { Lab } from '../state/lab.ts';
import { OFFERED, ROOMS, type Room, roomById } from './views/rooms.ts';

/** As links name it: the front door needs no name. */
function nameOf({ id }: Room): string {
  return id === ROOMS[0].id ? '' : id;
}

export function goToRoom({ view }: Lab, room: Room): void {
  view.getState().set({ room: nameOf(room), sheet: null });
}

/** To a view where it stands in the room that is shown, else in the first room that has it. */
export function goToView({ view }: Lab, id: string): void {
  const has = ({ columns }: Room) => columns.some((column) => column.includes(id));
  const here = roomById(view.getState().room);
  const room = has(here) ? here : OFFERED.find(has);
  if (room !== undefined)
    view.getState().set({ room: nameOf(room), sheet: null, sought: { view: id } });
}

/** To a setting in the form, which opens where it is not beside the room. */
export function goToSetting({ view }: Lab, path: string): void {
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
