/** Ways to a place of the page, from wherever a person is. */
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
