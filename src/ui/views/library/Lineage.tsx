import {
  type Family,
  familiesOf,
  type Member,
  membersOf,
} from '../../../analysis/compare/lineage.ts';
import { counted } from '../../../config/plural.ts';
import type { RunRow } from '../../../runs/record.ts';
import { runColor } from '../../kit/charts/runLook.ts';
import { formatCount, formatLoss } from '../../kit/format.ts';
import { useLab, useLibrary } from '../../kit/useLab.tsx';

/** Height of a run, as the style sheet has it. */
const LINEAGE_ROW_PX = 30;
/** What a generation is set in by. */
const INDENT_PX = 14;

/** A run from the step that it was forked at to its last, and the line down from its parent. */
function Bar({ member, steps }: { member: Member; steps: number }) {
  const { row, from, rowsUp } = member;
  const percent = (step: number) => `${(100 * step) / steps}%`;
  return (
    <span className="library-steps" aria-hidden="true">
      {rowsUp > 0 && (
        <i
          className="library-stem"
          style={{
            left: percent(from),
            height: rowsUp * LINEAGE_ROW_PX,
            color: runColor(row.color),
          }}
        />
      )}
      <i
        className="library-span"
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
  member,
  steps,
  look,
}: {
  member: Member;
  steps: number;
  look: (id: string) => void;
}) {
  const { library } = useLab();
  const { row, from, depth, parentName } = member;
  const isLit = useLibrary((s) => s.lit.has(row.id));
  return (
    <li
      className={isLit ? 'library-branch lit' : 'library-branch'}
      onPointerEnter={() => library.getState().light([row.id])}
      onPointerLeave={() => library.getState().light([])}
    >
      <span className="library-branchname" style={{ paddingLeft: depth * INDENT_PX }}>
        <button type="button" className="library-open" onClick={() => look(row.id)}>
          {row.name}
        </button>
        {parentName !== null && (
          <span className="visually-hidden">
            , forked from {parentName} at step {formatCount(from)}
          </span>
        )}
      </span>
      <span className="muted num">
        {counted(row.steps, 'step')}
        {row.last.ce !== undefined && `, loss ${formatLoss(row.last.ce.value)}`}
      </span>
      <Bar member={member} steps={steps} />
    </li>
  );
}

function FamilyTree({ family, look }: { family: Family; look: (id: string) => void }) {
  return (
    <section aria-label={`${family.root.row.name} and its forks`}>
      <ul className="library-family">
        {membersOf(family).map((member) => (
          <Branch key={member.row.id} member={member} steps={family.steps} look={look} />
        ))}
      </ul>
      <p className="library-scale num" aria-hidden="true">
        <span className="library-zero">step 0</span>
        <span>{formatCount(family.steps)}</span>
      </p>
    </section>
  );
}

/** Which run was forked from which, as trees over their steps. */
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
