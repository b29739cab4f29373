import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

const solid = { fill: 'currentColor', stroke: 'none' } as const;

export const PlayIcon = () => (
  <Icon>
    <path
      d="M4.5 2.8v10.4a.6.6 0 0 0 .9.5l8.4-5.2a.6.6 0 0 0 0-1L5.4 2.3a.6.6 0 0 0-.9.5Z"
      {...solid}
    />
  </Icon>
);
export const PauseIcon = () => (
  <Icon>
    <path d="M4 2.5h2.6v11H4zM9.4 2.5H12v11H9.4z" {...solid} />
  </Icon>
);
export const StepIcon = () => (
  <Icon>
    <path d="M3 3v10l7-5-7-5Z" {...solid} />
    <path d="M12.5 3v10" />
  </Icon>
);
export const ResetIcon = () => (
  <Icon>
    <path d="M3 8a5 5 0 1 0 1.7-3.8M3 2.5v2.8h2.8" />
  </Icon>
);
export const LinkIcon = () => (
  <Icon>
    <path d="M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l.9-.9" />
  </Icon>
);
export const DownloadIcon = () => (
  <Icon>
    <path d="M8 2.5v7.2M5 7l3 3 3-3M3 13.2h10" />
  </Icon>
);
export const FileIcon = () => (
  <Icon>
    <path d="M2.5 4.2V12c0 .6.4 1 1 1h9c.6 0 1-.4 1-1V5.6c0-.6-.4-1-1-1H8L6.6 3.2H3.5c-.6 0-1 .4-1 1Z" />
  </Icon>
);
export const SunIcon = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
  </Icon>
);
export const MoonIcon = () => (
  <Icon>
    <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" />
  </Icon>
);
export const SlidersIcon = () => (
  <Icon>
    <path d="M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6" />
    <circle cx="10" cy="4.5" r="1.5" />
    <circle cx="6" cy="11.5" r="1.5" />
  </Icon>
);
export const UndoIcon = () => (
  <Icon>
    <path d="M3 6h6.5a3.5 3.5 0 0 1 0 7H6M3 6l3-3M3 6l3 3" />
  </Icon>
);
export const RedoIcon = () => (
  <Icon>
    <path d="M13 6H6.5a3.5 3.5 0 0 0 0 7H10M13 6l-3-3M13 6l-3 3" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="m4 4 8 8M12 4l-8 8" />
  </Icon>
);
export const CopyIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M3 10.5V4a1.5 1.5 0 0 1 1.5-1.5H10.5" />
  </Icon>
);
export const ChevronIcon = () => (
  <Icon>
    <path d="m6 4 4 4-4 4" />
  </Icon>
);
export const DiceIcon = () => (
  <Icon>
    <rect x="2.5" y="2.5" width="11" height="11" rx="2.2" />
    <circle cx="5.7" cy="5.7" r=".9" {...solid} />
    <circle cx="10.3" cy="10.3" r=".9" {...solid} />
    <circle cx="8" cy="8" r=".9" {...solid} />
  </Icon>
);

export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#12161c" />
      <g fill="none" strokeWidth="2.6" strokeLinecap="round">
        <path d="M6 16h6c5 0 4-8 9-8h5" stroke="#ff9d4d" />
        <path d="M12 16h14" stroke="#6aa8ff" />
        <path d="M12 16c5 0 4 8 9 8h5" stroke="#5c6675" />
      </g>
      <circle cx="6" cy="16" r="2.6" fill="#fff" />
    </svg>
  );
}
