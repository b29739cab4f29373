import { DropdownMenu } from 'radix-ui';
import { adapterName } from '../adapterName.ts';
import { useLab, useRun } from '../useLab.tsx';
import { useTheme } from '../useTheme.ts';
import { FileIcon, LinkIcon, Logo, MoonIcon, SlidersIcon, SunIcon } from './icons.tsx';
import {
  copyLink,
  openCheckpoint,
  openExperiment,
  saveCheckpoint,
  saveExperiment,
} from './share.ts';

function Adapter() {
  const adapter = useRun((s) => s.adapter);
  const failure = useRun((s) => s.failure);
  if (adapter === null) {
    return (
      <span className="adapter">
        {failure?.code === 'NoWebGPU' ? (
          <span className="tag bad">No WebGPU</span>
        ) : (
          <span>Looking for a GPU…</span>
        )}
      </span>
    );
  }
  return (
    <span className="adapter">
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
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="btn quiet" aria-label="Files">
        <FileIcon />
        <span className="only-wide">Files</span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Label className="menu-label">Experiment</DropdownMenu.Label>
          <DropdownMenu.Item className="menu-item" onSelect={() => void openExperiment(lab)}>
            Open a file…
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={() => saveExperiment(lab)}>
            Save as JSON
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Label className="menu-label">
            Checkpoint: parameters, moments, step
          </DropdownMenu.Label>
          <DropdownMenu.Item className="menu-item" onSelect={() => void openCheckpoint(lab)}>
            Load safetensors…
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item"
            disabled={!hasRun}
            onSelect={() => void saveCheckpoint(lab)}
          >
            Save as safetensors
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-line" />
          <DropdownMenu.Item
            className="menu-item"
            onSelect={() => lab.view.getState().set({ sheet: 'about' })}
          >
            About Switchyard
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
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
