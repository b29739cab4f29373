import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { createPortal } from 'react-dom';
import { useMedia } from '../kit/useMedia.ts';
import { type Room, readingOrder } from '../views/rooms.ts';

function placeFor(id: string): HTMLDivElement {
  const place = document.createElement('div');
  place.className = 'place';
  place.dataset.view = id;
  return place;
}

/** Puts places first in a column, in their order. The focus stays where it is. */
function arrange(column: HTMLElement, places: readonly HTMLElement[]): void {
  const focused = document.activeElement;
  for (const [i, place] of places.entries()) {
    const there = column.children[i] ?? null;
    if (there !== place) column.insertBefore(place, there);
  }
  if (focused instanceof HTMLElement && focused !== document.activeElement)
    focused.focus({ preventScroll: true });
}

function Column({ places }: { places: readonly HTMLElement[] }) {
  const fill = useCallback(
    (column: HTMLDivElement | null) => {
      if (column !== null) arrange(column, places);
    },
    [places],
  );
  return <div className="column" ref={fill} />;
}

/**
 * The views of a room: in columns where there is room, else in the order in which they are read. Every
 * view has a place of its own that moves between the columns, so that what was typed and opened in it
 * stays as the window becomes wider or narrower.
 */
export function RoomViews({
  room,
  view,
}: {
  room: Room;
  view: (id: string, place: HTMLElement) => ReactNode;
}) {
  const isWide = useMedia('(min-width: 1200px)');
  const [places] = useState(
    () => new Map(room.columns.flat().map((id) => [id, placeFor(id)] as const)),
  );
  const columns = useMemo(() => {
    const one = room.columns.map((_, i) => (i === 0 ? readingOrder(room) : []));
    const arranged = isWide ? room.columns : one;
    return arranged.map((ids) => ids.map((id) => places.get(id)!));
  }, [room, isWide, places]);
  return (
    <div className={isWide && columns.length > 1 ? 'columns' : 'column'} data-room={room.id}>
      {columns.map((places, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
        <Column key={i} places={places} />
      ))}
      {[...places].map(([id, place]) => createPortal(view(id, place), place, id))}
    </div>
  );
}
