import { counted } from '../../../config/plural.ts';
import {
  convertedLayers,
  layerWords,
  measuredOf,
  studentOf,
  upward,
} from '../../../state/conversion/students.ts';
import type { ConversionState, StudentChoice } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { formatCompact, formatLoss, formatPercent } from '../../kit/format.ts';
import { lossDifference } from '../../kit/lossDifference.ts';
import { Picker } from '../../kit/Picker.tsx';
import { useLab } from '../../kit/useLab.tsx';

/** Which training of the layers, and on which text those of the first were trained on. */
function Which({ state }: { state: ConversionState }) {
  const store = useConversions();
  const chosen = useConversion((s) => s.student);
  const student = studentOf(state, chosen);
  const choose = store.getState().chooseStudent;
  const seeds = Array.from({ length: state.settings.seeds }, (_, n) => [String(n), `seed ${n}`]);
  const domains = [...new Set(state.domains.map(({ domain }) => domain))];
  return (
    <>
      {seeds.length > 1 && (
        <Picker
          label="Training of the layers"
          value={String(student.seed ?? 0)}
          options={Object.fromEntries(seeds)}
          choose={(seed) => choose({ ...student, seed: Number(seed), domain: null })}
        />
      )}
      {domains.length > 0 && (
        <Picker
          label="Text that the layers were trained on"
          value={student.domain ?? ''}
          options={{
            '': 'as converted',
            ...Object.fromEntries(domains.map((name) => [name, `trained on ${name}`])),
          }}
          choose={(domain) =>
            choose({ ...student, ...(domain === '' ? { domain: null } : { domain, seed: 0 }) })
          }
        />
      )}
    </>
  );
}

/** How many layers from the last upward, as one choice. */
function Upward({ state }: { state: ConversionState }) {
  const store = useConversions();
  const chosen = useConversion((s) => s.student);
  const student = studentOf(state, chosen);
  const { layers } = student;
  const converted = convertedLayers(state);
  const options: Record<string, string> = { none: 'no layer' };
  for (const layer of [...converted].reverse()) {
    const above = upward(converted, layer);
    options[`L${layer}`] = `${counted(above.length, 'layer')}: ${layerWords(above)}`;
  }
  const [first] = layers;
  const isUpward = first === undefined || upward(converted, first).join() === layers.join();
  const value = !isUpward ? 'other' : first === undefined ? 'none' : `L${first}`;
  return (
    <Picker
      label="Converted layers of the student"
      value={value}
      options={isUpward ? options : { ...options, other: `layers ${layerWords(layers)}` }}
      choose={(name) =>
        store.getState().chooseStudent({
          ...student,
          layers: name === 'none' ? [] : upward(converted, Number(name.slice(1))),
        })
      }
    />
  );
}

/** How the student chooses experts, where that is not as it was converted. */
function routerWords({ policy, K }: StudentChoice): string {
  if (policy) return `, adaptive router with p_u ${policy.pu}, p_e ${policy.pe}`;
  return K ? `, top-${K}` : '';
}

/** The student that is put together: what it is, what was measured of it, and what it becomes. */
export function Student({ state }: { state: ConversionState }) {
  const store = useConversions();
  const { commands, view } = useLab();
  const chosen = useConversion((s) => s.student);
  const busy = useConversion(isBusy);
  const student = studentOf(state, chosen);
  const measured = measuredOf(state, student);
  const teacher = state.students.find(({ layers }) => layers.length === 0);
  const hasLayers = student.layers.length > 0;

  async function assemble(): Promise<void> {
    const id = await store.getState().assemble(student);
    if (id === null) return;
    if (await commands.goOn(id))
      view.getState().say('The student is the open run: it trains on, and every room shows it.');
  }

  return (
    <div className="board-student">
      <div className="board-which">
        <span>Student:</span>
        <Upward state={state} />
        <Which state={state} />
      </div>
      <p className="num" role="status">
        {hasLayers
          ? `${counted(student.layers.length, 'layer')} of ${state.layers.length} converted (${layerWords(student.layers)})${routerWords(student)}. `
          : 'No layer is converted: this is the teacher. '}
        {measured === undefined
          ? 'Not measured.'
          : `Loss ${formatLoss(measured.ce)}${teacher === undefined ? '' : `, teacher ${formatLoss(teacher.ce)} (${lossDifference(measured.ce, teacher.ce)})`}; ${formatCompact(measured.active)} active parameters${teacher === undefined ? '' : `, ${formatPercent(measured.active / teacher.active)} of the teacher’s`}.`}
      </p>
      <div className="board-buttons">
        <Button className="btn primary" isOff={busy || !hasLayers} onClick={() => void assemble()}>
          Assemble as a run
        </Button>
        <Button
          className="btn"
          isOff={busy}
          onClick={() => void store.getState().measure([student])}
        >
          Measure it
        </Button>
        <Button className="btn" isOff={busy} onClick={() => void store.getState().measure(null)}>
          Measure all
        </Button>
      </div>
    </div>
  );
}
