import type { RunStore } from '../state/runStore.ts';

/** Least time between two drawings: ten a second. */
const FRAME_MS = 100;
/** What is scrolled away is only kept from being stale when it comes back. */
const AWAY_MS = 2000;
/** On a slow machine drawing takes at most one part in this many of the time. */
const IDLE_PARTS = 4;
/** Time between two frames in which nothing is drawn. */
const DISPLAY_MS = 17;

interface Watcher {
  draw(version: number): void;
  isOnScreen: boolean;
  drawnAt: number;
}

/** Tells all panels together when to draw, so that what drawing costs is known and bounded. */
export interface DrawClock {
  /** Draws an element's content while it is on the screen; returns how to stop. */
  watch(element: Element | null, draw: (version: number) => void): () => void;
}

function createDrawClock(run: RunStore): DrawClock {
  const watchers = new Map<Element | object, Watcher>();
  let frame: number | null = null;
  let drawnAt = 0;
  let pause = FRAME_MS;

  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const watcher = watchers.get(target);
      if (watcher !== undefined) watcher.isOnScreen = isIntersecting;
    }
    schedule();
  });

  function schedule(): void {
    if (frame === null) frame = requestAnimationFrame(tick);
  }

  function tick(now: number): void {
    frame = null;
    if (watchers.size === 0) return;
    if (now - drawnAt < pause) {
      schedule();
      return;
    }
    drawnAt = now;
    const { version } = run.getState();
    for (const watcher of watchers.values()) {
      if (!watcher.isOnScreen && now - watcher.drawnAt < AWAY_MS) continue;
      watcher.drawnAt = now;
      watcher.draw(version);
    }
    requestAnimationFrame((next) => {
      pause = Math.max(FRAME_MS, IDLE_PARTS * (next - now - DISPLAY_MS));
    });
  }

  run.subscribe((now, before) => {
    if (now.version !== before.version) schedule();
  });

  return {
    watch(element, draw) {
      const key = element ?? {};
      watchers.set(key, { draw, isOnScreen: true, drawnAt: 0 });
      if (element !== null) observer.observe(element);
      schedule();
      return () => {
        watchers.delete(key);
        if (element !== null) observer.unobserve(element);
      };
    },
  };
}

const clocks = new WeakMap<RunStore, DrawClock>();

/** The one clock of a run store. */
export function drawClock(run: RunStore): DrawClock {
  const clock = clocks.get(run) ?? createDrawClock(run);
  clocks.set(run, clock);
  return clock;
}
