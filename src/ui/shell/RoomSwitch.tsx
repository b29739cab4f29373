import { type KeyboardEvent, useEffect, useRef } from 'react';
import { goToRoom } from '../go.ts';
import { useLab } from '../kit/useLab.tsx';
import { OFFERED, roomKey } from '../views/rooms.ts';
import { useRoom } from './Rooms.tsx';

/** How far a key moves among the rooms; null for keys that do not. */
const MOVES: Readonly<Record<string, (at: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  Home: () => 0,
  End: () => OFFERED.length - 1,
};

function onKey(event: KeyboardEvent<HTMLElement>): void {
  const buttons: (Element | null)[] = [...event.currentTarget.querySelectorAll('button')];
  const at = buttons.indexOf(document.activeElement);
  const next = MOVES[event.key]?.(at);
  if (next === undefined || at < 0) return;
  event.preventDefault();
  const button = buttons.at(next % buttons.length);
  if (button instanceof HTMLElement) button.focus();
}

/** The rooms: in the head of the page, and at the bottom where a thumb reaches on narrow screens. */
export function RoomSwitch() {
  const lab = useLab();
  const shown = useRoom();
  const rooms = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another room is another button
  useEffect(() => {
    const current = rooms.current?.querySelector('[aria-current]');
    current?.scrollIntoView?.({ block: 'nearest', inline: 'center' });
  }, [shown]);
  return (
    <nav ref={rooms} className="rooms" aria-label="Rooms" onKeyDown={onKey}>
      {OFFERED.map((room, i) => (
        <button
          key={room.id}
          type="button"
          className="room"
          aria-current={room === shown ? 'page' : undefined}
          aria-keyshortcuts={roomKey(i)}
          title={`${room.hint} ( ${roomKey(i)} )`}
          onClick={() => goToRoom(lab, room)}
        >
          {room.title}
        </button>
      ))}
    </nav>
  );
}
