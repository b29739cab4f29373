import { DropdownMenu } from 'radix-ui';
import type { MenuProps, MenuRow } from './menuRows.ts';

function Row({ row }: { row: MenuRow }) {
  if (row === 'line') return <DropdownMenu.Separator className="menu-line" />;
  if ('title' in row)
    return <DropdownMenu.Label className="menu-label">{row.title}</DropdownMenu.Label>;
  const { label, onSelect, disabled = false } = row;
  return (
    <DropdownMenu.Item className="menu-item num" disabled={disabled} onSelect={onSelect}>
      {label}
    </DropdownMenu.Item>
  );
}

function Rows({ rows }: Pick<MenuProps, 'rows'>) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the rows stand while the menu is open
  return rows().map((row, i) => <Row key={i} row={row} />);
}

/** The menu and its button, open at first. The menu stands in the landmark that its button is in. */
export default function MenuOpened(props: MenuProps & { landmark: Element }) {
  const { children, className, label, disabled = false, align = 'end', rows, landmark } = props;
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger className={className} aria-label={label} disabled={disabled}>
        {children}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={landmark}>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4}>
          <Rows rows={rows} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
