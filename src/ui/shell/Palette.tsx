import { Dialog } from 'radix-ui';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Lab } from '../../state/lab.ts';
import { useLab } from '../kit/useLab.tsx';
import { type Entry, entriesOf, matching } from './paletteEntries.ts';

/** Entries that are shown at once. */
const SHOWN = 40;

function runEntry(lab: Lab, entry: Entry | undefined): void {
  if (entry === undefined) return;
  lab.view.getState().set({ sheet: null });
  entry.run(lab);
}

/** A list of all rooms, views, settings and commands, narrowed by what is typed. */
export function Palette() {
  const lab = useLab();
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const entries = useMemo(() => entriesOf(lab), [lab]);
  const found = useMemo(() => matching(entries, text).slice(0, SHOWN), [entries, text]);

  // A dialog that was open before keeps the focus that it had.
  useEffect(() => input.current?.focus(), []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is chosen
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [at]);

  function onKey(event: KeyboardEvent): void {
    const last = found.length - 1;
    if (event.key === 'Enter') runEntry(lab, found[at]);
    else if (event.key === 'ArrowDown') setAt(at >= last ? 0 : at + 1);
    else if (event.key === 'ArrowUp') setAt(at <= 0 ? Math.max(0, last) : at - 1);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <Dialog.Title className="visually-hidden">Find a view, setting or command</Dialog.Title>
      <input
        ref={input}
        className="input palette-text"
        role="combobox"
        aria-label="Find a view, setting or command"
        aria-expanded
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${id}-${at}` : undefined}
        placeholder="Room, view, setting or command"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div ref={list} id={id} className="palette-list" role="listbox" aria-label="What was found">
        {found.map((entry, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus
          <div
            key={entry.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === at}
            onPointerMove={() => setAt(i)}
            onClick={() => runEntry(lab, entry)}
          >
            <span>{entry.title}</span>
            <span className="muted">{entry.kind}</span>
            {entry.keys !== undefined && <kbd>{entry.keys}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p className="muted">Nothing is called so.</p>}
    </>
  );
}
