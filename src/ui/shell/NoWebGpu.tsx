import { useEffect } from 'react';
import { usePapers } from '../kit/papers.ts';
import { useLab } from '../kit/useLab.tsx';

const STEPS = [
  'Chrome or Edge 113 and later (Windows, macOS, ChromeOS; Android 12): on by default. On Linux open chrome://flags/#enable-unsafe-webgpu and enable it.',
  'Safari 26 and later on macOS, iOS and iPadOS: on by default. Safari 18: Settings › Feature Flags › WebGPU.',
  'Firefox 141 and later on Windows, 145 on macOS: on by default. Elsewhere set dom.webgpu.enabled in about:config.',
  'The page must come from https:// or localhost, and hardware acceleration must be on in the browser’s settings.',
];

/** Pages that a newcomer was led from already. */
const led = new WeakSet<object>();

/** Where somebody comes to the front door with nothing to train on, it opens on a recorded claim. */
function useFrontDoor(): void {
  const { view } = useLab();
  const papers = usePapers();
  useEffect(() => {
    if (led.has(view) || window.location.hash !== '') return;
    led.add(view);
    void papers.readIndex().then(() => {
      const [claim] = Object.keys(papers.getState().index ?? {});
      if (claim === undefined || view.getState().room !== '') return;
      view.getState().setOwn('claims', { claim });
      view.getState().set({ room: 'papers' });
    });
  }, [papers, view]);
}

/** How to get WebGPU, and what can be seen without it. */
export default function NoWebGpu() {
  const { view } = useLab();
  useFrontDoor();
  return (
    <>
      <ol>
        {STEPS.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p>
        Results that were recorded before can be looked at without one:{' '}
        <button
          type="button"
          className="link-btn"
          onClick={() => view.getState().set({ room: 'papers', sought: { view: 'claims' } })}
        >
          claims of the papers
        </button>
        .
      </p>
    </>
  );
}
