import { useLayoutEffect } from 'react';
import type { ResolvedTheme } from './diverging.ts';
import { useView } from './useLab.tsx';
import { useMedia } from './useMedia.ts';
import { useOnPaper } from './usePrint.ts';

/** The theme as drawn: the person's choice, else the system's. Paper is light. */
export function useTheme(): ResolvedTheme {
  const theme = useView((s) => s.theme);
  const systemIsDark = useMedia('(prefers-color-scheme: dark)');
  const isOnPaper = useOnPaper();
  if (isOnPaper) return 'light';
  if (theme !== 'system') return theme;
  return systemIsDark ? 'dark' : 'light';
}

/** The theme that is not drawn now. */
export function otherTheme(): ResolvedTheme {
  return document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
}

/** Writes the theme to the document for the stylesheets, before anything is painted in it. */
export function useThemeAttribute(): void {
  const theme = useTheme();
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
}
