import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';

/** Whether a media query holds for the screen, now and as it changes. Paper changes nothing. */
export function useMedia(query: string): boolean {
  const media = useMemo(() => window.matchMedia(query), [query]);
  const print = useMemo(() => window.matchMedia('print'), []);
  const subscribe = useCallback(
    (notify: () => void) => {
      media.addEventListener('change', notify);
      return () => media.removeEventListener('change', notify);
    },
    [media],
  );
  const onScreen = useRef(media.matches);
  return useSyncExternalStore(subscribe, () => {
    if (!print.matches) onScreen.current = media.matches;
    return onScreen.current;
  });
}
