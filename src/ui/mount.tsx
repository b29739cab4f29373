import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { Lab } from '../state/lab.ts';
import { App } from './App.tsx';
import { LabProvider } from './kit/useLab.tsx';

/** Shows the page in an element. */
export function mount(root: HTMLElement, lab: Lab): void {
  createRoot(root).render(
    <StrictMode>
      <LabProvider lab={lab}>
        <App />
      </LabProvider>
    </StrictMode>,
  );
}
