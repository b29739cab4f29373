/**
 * Where the focus goes next. What has the focus may disappear or be switched off: a banner that is
 * dismissed, a dialog that closes, a row that is deleted. The browser then drops the focus to the
 * page, and who works by keyboard or listens starts over; here it goes on beside what is gone.
 */

const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex]';
const OFF = ':disabled, [tabindex="-1"], [aria-disabled="true"], [aria-hidden="true"] *';
/** Boxes over the page, which care for their own focus, and the guards round them. */
const OVER = '[role="dialog"], [role="menu"], [data-radix-focus-guard]';

/** A control and where it stands: its ancestors, the nearest first, and the way back down. */
interface Trail {
  control: Element;
  places: readonly { parent: Element; index: number }[];
}

function trailOf(control: Element): Trail {
  const places: { parent: Element; index: number }[] = [];
  for (let at = control; at.parentElement !== null; at = at.parentElement) {
    places.push({ parent: at.parentElement, index: [...at.parentElement.children].indexOf(at) });
  }
  return { control, places };
}

function isShown(element: Element): boolean {
  return element.isConnected && (element.checkVisibility?.({ visibilityProperty: true }) ?? true);
}

/** Whether the element has the focus for good: it is there, and not switched off. */
function canHold(element: Element): boolean {
  return isShown(element) && !element.matches(':disabled');
}

function firstControl(within: Element | undefined): HTMLElement | null {
  const all = within === undefined ? [] : [within, ...within.querySelectorAll(CONTROLS)];
  const isControl = (element: Element): element is HTMLElement =>
    element instanceof HTMLElement &&
    element.matches(CONTROLS) &&
    !element.matches(OFF) &&
    isShown(element);
  return all.find(isControl) ?? null;
}

/** What came into the place of what is gone, else what stood before it, else after it; then outwards. */
function beside({ places }: Trail): HTMLElement | null {
  for (const { parent, index } of places) {
    if (!parent.isConnected || parent === document.body) continue;
    const all = [...parent.children];
    const near = [all[index], ...all.slice(0, index).reverse(), ...all.slice(index + 1)];
    for (const child of near) {
      const control = firstControl(child);
      if (control !== null) return control;
    }
  }
  return document.querySelector('main');
}

let last: Trail | null = null;
/** The last one on the page itself, under dialogs and menus. */
let home: Trail | null = null;

function placeOf(trail: Trail): HTMLElement | null {
  return trail.control instanceof HTMLElement && canHold(trail.control)
    ? trail.control
    : beside(trail);
}

/** Back to where the focus was before a dialog took it, or beside that. */
export function focusHome(): void {
  const place = home === null ? document.querySelector('main') : placeOf(home);
  place?.focus();
}

/** The focus goes to the first of these that is there; an element that takes none is made to. */
export function focusOn(element: HTMLElement | null | undefined): void {
  if (!element) return;
  if (!element.matches(CONTROLS)) element.tabIndex = -1;
  element.focus();
}

/** Puts the focus beside what had it, where that is gone or off by now; not where a person let go. */
function mend(): void {
  const { activeElement, body } = document;
  const isLost = activeElement === null || activeElement === body || !canHold(activeElement);
  if (!isLost || last === null) return;
  const trail = last;
  last = null;
  if (!canHold(trail.control)) beside(trail)?.focus();
}

/** Watches the page for as long as it is shown; returns how to stop. */
export function keepFocus(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Later than React's effects: a box that opens takes the focus by itself.
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(mend);
  };
  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof Element)) return;
    last = trailOf(target);
    if (target.closest(OVER) === null) home = last;
  };
  const observer = new MutationObserver(later);
  observer.observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['disabled', 'hidden'],
  });
  document.addEventListener('focusin', onFocus);
  document.addEventListener('focusout', later);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener('focusin', onFocus);
    document.removeEventListener('focusout', later);
    last = null;
    home = null;
  };
}
