import { counted } from '../../config/plural.ts';
import { createConversions } from '../../state/conversion/conversions.ts';
import { layerWords } from '../../state/conversion/students.ts';
import type { ReceivedConversion as Conversion } from '../../state/readReceived.ts';
import { Button } from '../kit/Button.tsx';
import { formatCount } from '../kit/format.ts';
import { CloseIcon } from '../kit/icons.tsx';
import { useLab } from '../kit/useLab.tsx';

/** What a replay comes to, in a sentence. */
function replayWords({ steps, settings, student, digest }: Conversion): string {
  const { layers, N, K, steps: each, seeds } = settings;
  const rising = [...layers].sort((a, b) => a - b);
  const parts = [
    `The dense teacher is trained ${counted(steps, 'step')}`,
    `layers ${layerWords(rising)} become ${N} experts each, top-${K}, by ${formatCount(each)} steps of distillation${seeds > 1 ? ` and ${seeds} seeds` : ''}`,
    ...(student === null ? [] : [`the student has layers ${layerWords(student.layers)}`]),
    ...(digest === null ? [] : ['what comes out is held against what the sender had']),
  ];
  return `${parts.join('; ')}.`;
}

/** A conversion that a link names: it is replayed by a press, never by itself. */
export function ReceivedConversion(conversion: Conversion) {
  const lab = useLab();
  const { received, view } = lab;
  const putAway = () => received.getState().set({ conversion: null });
  function replay(): void {
    putAway();
    view.getState().set({ room: 'convert', sought: { view: 'board' } });
    void lab.conversions(createConversions).getState().replay(conversion.link);
  }
  return (
    <section className="banner received" aria-label="Conversion of the link">
      <p className="text">
        <strong>The link names a conversion.</strong>{' '}
        <span className="muted">{replayWords(conversion)}</span>
      </p>
      <div className="actions">
        <Button className="btn primary small" onClick={replay}>
          Replay it
        </Button>
        <button
          type="button"
          className="btn quiet icon small"
          aria-label="Put the conversion of the link away"
          onClick={putAway}
        >
          <CloseIcon />
        </button>
      </div>
    </section>
  );
}
