import { Activity, lazy, useCallback, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import type { StepRange } from '../../analysis/source.ts';
import type { OwnValues } from '../../state/viewStore.ts';
import { focusOn } from '../kit/focus.ts';
import { Loaded } from '../kit/Loaded.tsx';
import { LoadingPlace } from '../kit/PanelFrame.tsx';
import { AboutContext, PlaceContext } from '../kit/place.ts';
import { useLab, useLibrary, useView } from '../kit/useLab.tsx';
import { VIEWS, viewById } from '../views/registry.ts';
import { ROOMS, type Room, roomById } from '../views/rooms.ts';
import type { AnyView, ViewProps } from '../views/view.ts';
import { RoomViews } from './RoomViews.tsx';
import { ShownBanner } from './ShownBanner.tsx';

/** A panel with what it says of its view around it. */
async function panelOf(view: AnyView) {
  const { default: Panel, about = null } = await view.load();
  return {
    default: (props: ViewProps<OwnValues>) => (
      <AboutContext value={about}>
        <Panel {...props} />
      </AboutContext>
    ),
  };
}

const PANELS = new Map(VIEWS.map((view) => [view.id, lazy(() => panelOf(view))]));
const NOTHING: OwnValues = {};

/** The room that is shown. */
export function useRoom(): Room {
  return roomById(useView((s) => s.room));
}

/** Brings a view up, and the focus with it, when a person asked for it. */
function useSought(id: string, place: HTMLElement): void {
  const { view } = useLab();
  const isSought = useView(
    ({ sought }) => sought !== null && 'view' in sought && sought.view === id,
  );
  useEffect(() => {
    if (!isSought) return;
    const panel = place.querySelector('section') ?? place;
    panel.scrollIntoView?.({ block: 'start' });
    focusOn(panel);
    view.getState().set({ sought: null });
  }, [isSought, view, place]);
}

/** A view in its place: its panel, once that is loaded, with the run that it shows. */
function ViewPlace({ id, place }: { id: string; place: HTMLElement }) {
  const { source: live, view } = useLab();
  const source = useLibrary((s) => s.shown) ?? live;
  const row = viewById(id);
  useSought(id, place);
  const scrub = useView((s) => s.scrub);
  const value = useView((s) => s.own[id]) ?? NOTHING;
  const steps = useMemo((): StepRange | null => (scrub === null ? null : [scrub, scrub]), [scrub]);
  const set = useCallback((part: OwnValues) => view.getState().setOwn(id, part), [view, id]);
  const context = useMemo(() => ({ row, source }), [row, source]);
  const Panel = PANELS.get(id);
  if (Panel === undefined) return null;
  return (
    <PlaceContext value={context}>
      <Loaded name={`“${row.title}”`} fallback={<LoadingPlace rows={row.rows} />}>
        <Panel source={source} steps={steps} value={value} set={set} />
      </Loaded>
    </PlaceContext>
  );
}

/** The room that is shown, from its top. Rooms that were visited keep what was typed and opened in them. */
export function Rooms() {
  const room = useRoom();
  const visited = useRef(new Set<string>());
  visited.current.add(room.id);
  // Before a view that is sought scrolls to itself.
  const last = useRef(room.id);
  useLayoutEffect(() => {
    if (last.current !== room.id) window.scrollTo(0, 0);
    last.current = room.id;
  }, [room.id]);
  return (
    <>
      <ShownBanner />
      {ROOMS.filter(({ id }) => visited.current.has(id)).map((row) => (
        <Activity key={row.id} mode={row === room ? 'visible' : 'hidden'}>
          <RoomViews room={row} view={(id, place) => <ViewPlace id={id} place={place} />} />
        </Activity>
      ))}
    </>
  );
}
