import type { Lab } from '../../state/lab.ts';
import { COMMANDS } from '../commands.ts';
import { adapterName } from '../kit/adapterName.ts';
import { FileIcon, LinkIcon, Logo, MoonIcon, SlidersIcon, SunIcon } from '../kit/icons.tsx';
import { Menu } from '../kit/Menu.tsx';
import type { MenuRow } from '../kit/menuRows.ts';
import { useLab, useRun } from '../kit/useLab.tsx';
import { otherTheme, useTheme } from '../kit/useTheme.ts';
import { RoomSwitch } from './RoomSwitch.tsx';
import { copyLink } from './share.ts';

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

/** Commands of the file menu, part by part. */
function fileRows(lab: Lab): MenuRow[] {
  const inMenu = COMMANDS.filter(({ menu }) => menu !== undefined);
  const parts = [...new Set(inMenu.map(({ menu }) => menu ?? ''))];
  return parts.flatMap((part, i): MenuRow[] => [
    ...(i > 0 ? (['line'] as const) : []),
    ...(part === '' ? [] : [{ title: part }]),
    ...inMenu
      .filter(({ menu }) => menu === part)
      .map(({ title, when, run }) => ({
        label: title,
        disabled: when?.(lab) === false,
        onSelect: () => void run(lab),
      })),
  ]);
}

function FileMenu() {
  const lab = useLab();
  return (
    <Menu className="btn quiet" label="Files" rows={() => fileRows(lab)}>
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
      <RoomSwitch />
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
          onClick={() => set({ theme: otherTheme() })}
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
