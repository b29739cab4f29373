import { Dialog } from 'radix-ui';

const STEPS: readonly (readonly [title: string, text: string])[] = [
  [
    'A real language model',
    'A decoder-only transformer with sparse experts trains in this tab, on your own GPU, on real text. Kernels are hand-written WGSL; work grows with the experts that are chosen, not with those that exist. Nothing leaves the machine.',
  ],
  [
    'Press Start and watch the experts',
    'Loss, load of every slot, routing by kind of text and sampled text follow the run. Every figure that is underlined opens its formula and where it is from.',
  ],
  [
    'Turn knobs while it trains',
    'Settings marked “live” change at the next step and are recorded as events; the others wait for a new model. What an experiment costs is counted before it runs.',
  ],
  [
    'Share the experiment, not a picture',
    'The address holds the whole experiment, live changes included. Opened on the same adapter it gives the same losses, bit for bit.',
  ],
];

const PAPERS: readonly (readonly [name: string, title: string, here: string])[] = [
  [
    'MoDSE',
    'Mixture of Diverse Size Experts',
    'experts of different widths in pairs, noise branch',
  ],
  [
    'MoE++',
    'Accelerating Mixture-of-Experts Methods with Zero-Computation Experts',
    'zero, copy and constant experts, gating residuals, heterogeneous loss and capacity',
  ],
  [
    'TC-MoE',
    'Augmenting Mixture of Experts with Ternary Expert Choice',
    'negated and null slots, ternary and reward losses, Random drop and Top-P',
  ],
  [
    'LaDiMo',
    'Layer-wise Distillation Inspired MoEfier',
    'dense to MoE by splitting and distilling layers, adaptive routing',
  ],
  [
    'EqualRes',
    'Can Mixture-of-Experts Surpass Dense LLMs Under Strictly Equal Resources?',
    'arrangements, shared expert, accounting of N, Na, ra, M and C',
  ],
];

/** What the page is, how it works, and whose systems it holds. */
export function AboutSheet() {
  return (
    <>
      <Dialog.Title className="dialog-title">
        Switchyard: mixture-of-experts language models, trained in the browser
      </Dialog.Title>
      <ol className="about">
        {STEPS.map(([title, text]) => (
          <li key={title}>
            <b>{title}.</b> {text}
          </li>
        ))}
      </ol>
      <h3 className="about-title">The five papers behind it</h3>
      <dl className="papers">
        {PAPERS.map(([name, title, here]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <i>{title}</i>
              <span>{here}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        Their systems and baselines are presets, at a size that trains here; each says what scale
        changed.
      </p>
      <div className="foot">
        <Dialog.Close className="btn">Close</Dialog.Close>
      </div>
    </>
  );
}
