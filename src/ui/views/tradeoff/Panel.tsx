import { counted } from '../../../config/plural.ts';
import { studentOf } from '../../../state/conversion/students.ts';
import type { ConversionState } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { ConversionPanel } from '../../kit/ConversionPanel.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { Picker } from '../../kit/Picker.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { Figures } from './Figures.tsx';
import type { TradeoffFields } from './fields.ts';
import { assembly, SPEED_WORDS } from './shown.ts';
import './tradeoff.css';

type Props = Pick<ViewProps<TradeoffFields>, 'value' | 'set'>;

const SHAPES = {
  teacher: 'the teacher’s shape',
  demanding: 'a shape of mostly FFN',
} as const;

function Controls({ state, value, set, seed }: Props & { state: ConversionState; seed: number }) {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const { shape, speed, rounds, items } = value;
  const choices = assembly(state, seed).map(({ choice }) => choice);
  return (
    <div className="tradeoff-controls">
      <Button
        className="btn"
        isOff={busy}
        onClick={() => void store.getState().throughput(shape, rounds)}
      >
        Measure throughput
      </Button>
      <span>of</span>
      <Picker
        label="Shape"
        value={shape}
        options={SHAPES}
        choose={(name) => set({ shape: name })}
      />
      <span>in</span>
      <span className="tradeoff-rounds">
        <WholeNumber
          label="Rounds that are measured"
          value={rounds}
          min={1}
          max={50}
          change={(count) => set({ rounds: count })}
        />
      </span>
      <span>rounds, drawn:</span>
      <Picker
        label="Speed"
        value={speed}
        options={SPEED_WORDS}
        choose={(name) => set({ speed: name })}
      />
      <Button
        className="btn"
        isOff={busy || choices.length === 0}
        title={`${counted(choices.length, 'model')} answer the same items, one by one; it can be stopped between two`}
        onClick={() =>
          void store
            .getState()
            .measure(choices, { items, seed: state.teacher.experiment.seeds.data })
        }
      >
        Ask probe tasks
      </Button>
      <span>with</span>
      <span className="tradeoff-rounds">
        <WholeNumber
          label="Items of each probe task and domain"
          value={items}
          min={1}
          max={1000}
          change={(count) => set({ items: count })}
        />
      </span>
      <span>items each</span>
    </div>
  );
}

function Tradeoff({ state, value, set }: Props & { state: ConversionState }) {
  const student = useConversion((s) => s.student);
  const seed = studentOf(state, student).seed ?? 0;
  return (
    <>
      <Controls state={state} value={value} set={set} seed={seed} />
      <Figures state={state} value={value} seed={seed} />
    </>
  );
}

/** What more converted layers cost in quality, and bring in speed. */
export default function TradeoffPanel({ value, set }: ViewProps<TradeoffFields>) {
  return (
    <ConversionPanel className="tradeoff" needsConverted>
      {(state) => <Tradeoff state={state} value={value} set={set} />}
    </ConversionPanel>
  );
}
