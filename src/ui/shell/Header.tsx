import { FileIcon, LinkIcon, Logo, MoonIcon, SlidersIcon, SunIcon } from '../kit/icons.tsx';
import { Menu, type MenuRow } from '../kit/Menu.tsx';
import { useLab, useRun } from '../kit/useLab.tsx';
import { useTheme } from '../kit/useTheme.ts';
import { adapterName } from './adapterName.ts';
import {
  copyLink,
  openCheckpoint,
  openExperiment,
  saveCheckpoint,
  saveExperiment,
} from './share.ts';

function Adapter() {
  const adapter = useRun((s) => s.adapter);
  const isLooking = useRun((s) => s.isLooking);
  if (adapter === null) {
    return (
      <span className="adapter" role="status">
        {isLooking ? <span>Looking for a GPU…</span> : <span className="tag bad">No GPU</span>}
      </span>
    );
  }
  return (
    <span className="adapter" role="status">
      <span className="tag accent">WebGPU</span>
      {adapter.isSoftware && <span className="tag warn">software</span>}
      <span className="name" title={adapter.description}>
        {adapterName(adapter.description)}
      </span>
    </span>
  );
}

function FileMenu() {
  const lab = useLab();
  const hasRun = useRun((s) => s.report !== null && s.phase !== 'opening');
  const rows = (): MenuRow[] => [
    { title: 'Experiment' },
    { label: 'Open a file…', onSelect: () => void openExperiment(lab) },
    { label: 'Save as JSON', onSelect: () => saveExperiment(lab) },
    'line',
    { title: 'Checkpoint: parameters, moments, step' },
    { label: 'Load safetensors…', onSelect: () => void openCheckpoint(lab) },
    {
      label: 'Save as safetensors',
      disabled: !hasRun,
      onSelect: () => void saveCheckpoint(lab),
    },
    'line',
    { label: 'About Switchyard', onSelect: () => lab.view.getState().set({ sheet: 'about' }) },
  ];
  return (
    <Menu className="btn quiet" label="Files" rows={rows}>
      <FileIcon />
      <span className="only-wide">Files</span>
    </Menu>
  );
}

/** Name, adapter, and what concerns the whole page. */
export function Header() {
  const lab = useLab();
  const theme = useTheme();
  const { set } = lab.view.getState();
  return (
    <header className="header">
      <h1 className="brand">
        <Logo />
        <span>Switchyard</span>
      </h1>
      <p className="tagline">Mixture-of-experts language models, trained live in your browser</p>
      <Adapter />
      <span className="spacer" />
      <div className="actions">
        <button
          type="button"
          className="btn quiet only-narrow"
          aria-label="Settings"
          onClick={() => set({ sheet: 'settings' })}
        >
          <SlidersIcon />
        </button>
        <button
          type="button"
          className="btn quiet only-wide"
          onClick={() => set({ sheet: 'about' })}
        >
          About
        </button>
        <button
          type="button"
          className="btn quiet"
          aria-label="Copy link"
          onClick={() => void copyLink(lab)}
        >
          <LinkIcon />
          <span className="only-wide">Copy link</span>
        </button>
        <FileMenu />
        <button
          type="button"
          className="btn quiet icon"
          aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
          onClick={() => set({ theme: theme === 'dark' ? 'light' : 'dark' })}
        >
          {theme === 'dark' ? <SunIcon /> : <MoonIcon />}
        </button>
        <button
          type="button"
          className="btn quiet icon only-wide"
          aria-label="Keyboard shortcuts"
          onClick={() => set({ sheet: 'help' })}
        >
          ?
        </button>
      </div>
    </header>
  );
}
