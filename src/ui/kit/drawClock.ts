import type { RunStore } from '../../state/runStore.ts';

/** Least time between two drawings of a panel: ten a second. */
const FRAME_MS = 100;
/** What is scrolled away is drawn this often: it is read aloud, searched and comes back. */
const AWAY_MS = 2000;
/** On a slow machine drawing takes at most one part in this many of the time; painting comes to it. */
const IDLE_PARTS = 8;
/** Panels are drawn in one task until it has taken this long; input waits for no more of them. */
const SLICE_MS = 10;
/** Time between two frames. */
const DISPLAY_MS = 17;

interface Watcher {
  draw(version: number): void;
  isOnScreen: boolean;
  drawnAt: number;
  /** Version of the run that it shows. */
  version: number;
}

/** Tells panels when to draw, so that what drawing costs is known and bounded. */
export interface DrawClock {
  /**
   * Draws an element's content while it is on the screen; returns how to stop. `draw` makes React
   * render at once, as stores do, so that one task holds it all.
   */
  watch(element: Element | null, draw: (version: number) => void): () => void;
}

function isDue({ isOnScreen, drawnAt }: Watcher, now: number): boolean {
  return isOnScreen || now - drawnAt >= AWAY_MS;
}

/** Keeps in the watchers which of them are on the screen. */
function screenObserver(watchers: ReadonlyMap<object, Watcher>, changed: () => void) {
  return new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const watcher = watchers.get(target);
      if (watcher !== undefined) watcher.isOnScreen = isIntersecting;
    }
    changed();
  });
}

/**
 * A round draws all panels that are due, a few in each task, so that input never waits for all of
 * them. Rounds start with a frame, none in a hidden tab, and further apart where
 * a round takes long.
 */
function createDrawClock(run: RunStore): DrawClock {
  const watchers = new Map<object, Watcher>();
  let [isWaiting, startedAt] = [false, 0];
  /** What drawing took in this round. */
  let cost = 0;
  /** Version of the run that the round shows at least. */
  let shown = -1;
  let pause = FRAME_MS;
  let catchUp: ReturnType<typeof setTimeout> | undefined;

  const observer = screenObserver(watchers, schedule);

  function schedule(): void {
    if (isWaiting) return;
    isWaiting = true;
    clearTimeout(catchUp);
    const left = startedAt + pause - performance.now();
    if (left > DISPLAY_MS) setTimeout(awaitFrame, left - DISPLAY_MS);
    else awaitFrame();
  }

  /** Nothing where nobody watches any more: the page may be gone. */
  function awaitFrame(): void {
    if (watchers.size > 0) requestAnimationFrame(begin);
    else isWaiting = false;
  }

  function begin(now: number): void {
    startedAt = now;
    cost = 0;
    shown = run.getState().version;
    setTimeout(() => drawNext([...watchers.values()].filter((watcher) => isDue(watcher, now))));
  }

  /** Draws panels until the slice is full, then leaves the rest to the next task: input comes first. */
  function drawNext([watcher, ...later]: readonly Watcher[], spent = 0): void {
    if (watcher === undefined) {
      end();
      return;
    }
    const before = performance.now();
    draw(watcher);
    // Behind React's own microtask, which renders what was drawn.
    queueMicrotask(() => {
      const took = performance.now() - before;
      cost += took;
      if (spent + took < SLICE_MS) drawNext(later, spent + took);
      else setTimeout(() => drawNext(later));
    });
  }

  function draw(watcher: Watcher): void {
    Object.assign(watcher, { drawnAt: startedAt, version: run.getState().version });
    watcher.draw(watcher.version);
  }

  function end(): void {
    pause = Math.max(FRAME_MS, IDLE_PARTS * cost);
    isWaiting = false;
    const { version } = run.getState();
    if (version !== shown) schedule();
    // Nothing more may come: what is away must not keep old numbers.
    else if ([...watchers.values()].some((watcher) => watcher.version !== version))
      catchUp = setTimeout(schedule, AWAY_MS);
  }

  /** Draws at the next frame what is away too: the run rests, and its last numbers stay. */
  function drawAll(): void {
    for (const watcher of watchers.values()) watcher.drawnAt = Number.NEGATIVE_INFINITY;
    schedule();
  }

  run.subscribe((now, before) => {
    // Another expert space: no frame may show it in one panel and the old one in the next.
    if (now.report !== before.report) watchers.forEach(draw);
    else if (now.phase !== before.phase && now.phase !== 'running') drawAll();
    else if (now.version !== before.version) schedule();
  });

  // On paper nothing is away.
  window.addEventListener('beforeprint', () => watchers.forEach(draw));

  return {
    watch(element, draw) {
      const key = element ?? {};
      watchers.set(key, { draw, isOnScreen: true, drawnAt: 0, version: -1 });
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
