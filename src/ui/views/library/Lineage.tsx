import { type Descendant, type Family, familiesOf } from '../../../analysis/compare/lineage.ts';
import { counted } from '../../../config/plural.ts';
import type { RunRow } from '../../../runs/record.ts';
import { runColor } from '../../kit/charts/runLook.ts';
import { formatCount, formatLoss } from '../../kit/format.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';

/** A run from the step that it was forked at to its last, within the family's steps. */
function Bar({ at: { row, from }, steps }: { at: Descendant; steps: number }) {
  const percent = (step: number) => `${(100 * step) / steps}%`;
  return (
    <span className="library-steps" aria-hidden="true">
      <i
        style={{
          left: percent(from),
          width: percent(Math.max(0, row.steps - from)),
          background: runColor(row.color),
        }}
      />
    </span>
  );
}

function Branch({
  at,
  steps,
  look,
}: {
  at: Descendant;
  steps: number;
  look: (id: string) => void;
}) {
  const { library } = useLab();
  const { row, from, children } = at;
  const isLit = useLibrary((s) => s.lit.has(row.id));
  const isFork = row.parent !== null;
  return (
    <li>
      <div
        className={isLit ? 'library-branch lit' : 'library-branch'}
        onPointerEnter={() => library.getState().light([row.id])}
        onPointerLeave={() => library.getState().light([])}
      >
        <button type="button" className="library-open" onClick={() => look(row.id)}>
          {row.name}
        </button>
        <span className="muted num">
          {isFork && `from step ${formatCount(from)}, `}
          {counted(row.steps, 'step')}
          {row.last.ce !== undefined && `, loss ${formatLoss(row.last.ce.value)}`}
        </span>
        <Bar at={at} steps={steps} />
      </div>
      {children.length > 0 && (
        <ul>
          {children.map((child) => (
            <Branch key={child.row.id} at={child} steps={steps} look={look} />
          ))}
        </ul>
      )}
    </li>
  );
}

function FamilyTree({ family, look }: { family: Family; look: (id: string) => void }) {
  return (
    <ul className="library-family" aria-label={`${family.root.row.name} and its forks`}>
      <Branch at={family.root} steps={family.steps} look={look} />
    </ul>
  );
}

/** Which run was forked from which, as trees; bars say which steps each took. */
export function Lineage({ rows, look }: { rows: readonly RunRow[]; look: (id: string) => void }) {
  const families = familiesOf(rows);
  if (families.length === 0)
    return (
      <p className="empty">
        No run was forked from another one here. Fork one from any of its checkpoints: the original
        stays as it is.
      </p>
    );
  return (
    <div className="library-lineage">
      {families.map((family) => (
        <FamilyTree key={family.root.row.id} family={family} look={look} />
      ))}
    </div>
  );
}
