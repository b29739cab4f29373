/** How views read conversions. */
import { useEffect } from 'react';
import { useStore } from 'zustand';
import {
  type ConversionsState,
  type ConversionsStore,
  createConversions,
} from '../../state/conversion/conversions.ts';
import { useLab } from './useLab.tsx';

/** The store of conversions; the first view of them has it read what is stored. */
export function useConversions(): ConversionsStore {
  const store = useLab().conversions(createConversions);
  useEffect(() => {
    const { isRead, read } = store.getState();
    if (!isRead) void read();
  }, [store]);
  return store;
}

export function useConversion<T>(select: (state: ConversionsState) => T): T {
  return useStore(useConversions(), select);
}

/** Whether something computes with a conversion, so that nothing else can begin. */
export const isBusy = ({ work, state }: ConversionsState): boolean =>
  work !== null || (state !== null && state.stage !== 'idle');
