import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { BesideState } from '../../state/beside.ts';
import type { ConfigState } from '../../state/configStore.ts';
import type { HistoryState } from '../../state/history.ts';
import type { KeptState } from '../../state/keptRuns.ts';
import type { Lab } from '../../state/lab.ts';
import type { LibraryState } from '../../state/library.ts';
import type { RackState } from '../../state/rackStore.ts';
import type { ReceivedState } from '../../state/received.ts';
import type { RunState } from '../../state/runStore.ts';
import type { ViewState } from '../../state/viewStore.ts';

const LabContext = createContext<Lab | null>(null);

export function LabProvider({ lab, children }: { lab: Lab; children: ReactNode }) {
  return <LabContext value={lab}>{children}</LabContext>;
}

/** @throws Error outside of a `LabProvider` */
export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (lab === null) throw new Error('useLab needs a LabProvider around it');
  return lab;
}

export function useConfig<T>(select: (state: ConfigState) => T): T {
  return useStore(useLab().config, select);
}

export function useRun<T>(select: (state: RunState) => T): T {
  return useStore(useLab().run, select);
}

export function useBeside<T>(select: (state: BesideState) => T): T {
  return useStore(useLab().beside, select);
}

export function useView<T>(select: (state: ViewState) => T): T {
  return useStore(useLab().view, select);
}

export function useRack<T>(select: (state: RackState) => T): T {
  return useStore(useLab().rack, select);
}

export function useKept<T>(select: (state: KeptState) => T): T {
  return useStore(useLab().kept, select);
}

export function useReceived<T>(select: (state: ReceivedState) => T): T {
  return useStore(useLab().received, select);
}

export function useHistory<T>(select: (state: HistoryState) => T): T {
  return useStore(useLab().history, select);
}

export function useLibrary<T>(select: (state: LibraryState) => T): T {
  return useStore(useLab().library, select);
}
