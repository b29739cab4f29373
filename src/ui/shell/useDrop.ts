import { useEffect } from 'react';
import { useLab } from '../kit/useLab.tsx';
import { openDropped } from './share.ts';

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') === true;
}

/** Opens files dropped anywhere on the page, where a browser would leave the page, and the run, for them. */
export function useDrop(): void {
  const lab = useLab();
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      if (event.defaultPrevented || !hasFiles(event)) return;
      event.preventDefault();
      void openDropped(lab, [...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('drop', onDrop);
    };
  }, [lab]);
}
