import { useEffect, useSyncExternalStore } from 'react';

/** Width that a sheet of A4 or Letter has between its margins, in CSS pixels. */
const SHEET_PX = 700;

/** Scale at which the widest column of panels fits a sheet. */
function scaleToSheet(): void {
  const widths = [...document.querySelectorAll('.column')].map((column) => column.clientWidth);
  const scale = SHEET_PX / Math.max(SHEET_PX, ...widths);
  document.documentElement.style.setProperty('--print-scale', scale.toFixed(3));
}

/** Prepares the page for paper whenever it is about to be printed. */
export function usePrint(): void {
  useEffect(() => {
    window.addEventListener('beforeprint', scaleToSheet);
    return () => window.removeEventListener('beforeprint', scaleToSheet);
  }, []);
}

let isPictured = false;
const onPictured = new Set<() => void>();

/** Draws the page as on paper, or as it was, while a picture is made of a part of it. */
export function setPictured(is: boolean): void {
  isPictured = is;
  for (const notify of onPictured) notify();
}

function subscribePaper(notify: () => void): () => void {
  onPictured.add(notify);
  const stop = subscribe(notify);
  return () => {
    onPictured.delete(notify);
    stop();
  };
}

/** Whether the page is drawn as on paper. */
export function useOnPaper(): boolean {
  return useSyncExternalStore(subscribePaper, () => isPictured || isPrinting);
}

let isPrinting = false;

function subscribe(notify: () => void): () => void {
  const set = ({ type }: Event) => {
    isPrinting = type === 'beforeprint';
    notify();
  };
  window.addEventListener('beforeprint', set);
  window.addEventListener('afterprint', set);
  return () => {
    window.removeEventListener('beforeprint', set);
    window.removeEventListener('afterprint', set);
  };
}

/** Whether the page is being printed now. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isPrinting);
}
