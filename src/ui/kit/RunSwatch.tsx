import { runColor, runDash } from './charts/runLook.ts';

/** A run's line in short. */
export function RunSwatch({ place }: { place: number }) {
  return (
    <svg className="run-swatch" viewBox="0 0 20 8" width={20} height={8} aria-hidden="true">
      <path
        d="M0 4H20"
        stroke={runColor(place)}
        strokeWidth={2}
        strokeDasharray={runDash(place) || undefined}
      />
    </svg>
  );
}
