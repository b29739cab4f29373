/** A model that is not trained yet as a folder: PyTorch draws its weights. */
import { engineConfig } from '../../config/edit.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import type { Tokenizer } from '../../data/types.ts';
import initPy from '../python/init.py?raw';
import modelPy from '../python/model.py?raw';
import trainPy from '../python/train.py?raw';
import { type HandoverFiles, jsonFile, tokenizerJson, utf8 } from '../settings.ts';
import { sizeFigures } from './figures.ts';

export interface ScaledOptions {
  /** What it is, in a line. */
  label: string;
  /** Where its settings are from. */
  remark: string;
  /** Null where text comes as token ids alone. */
  tokenizer: Tokenizer | null;
}

function readme(config: EngineConfig, { label, remark, tokenizer }: ScaledOptions): string {
  const text = tokenizer === null ? '--tokens FILE' : '--text FILE';
  const figures = sizeFigures(config).map(([name, value]) => `| ${name} | ${value} |`);
  return `# ${label}

\`\`\`
python3 init.py
torchrun --nproc_per_node 8 train.py --steps ${config.optimizer.totalSteps} ${text} --shard
\`\`\`

Weights of a small model cannot be scaled up: \`init.py\` draws fresh ones, as Switchyard does for every model, and
writes \`model.safetensors\`. \`train.py\` goes on from there, by one process or several; a number of processes has to divide the
${config.batch.B} sequences of a batch. ${remark} Rates, batch and schedule are numbers of \`config\` in \`config.json\`.

| | |
| --- | --- |
${figures.join('\n')}
`;
}

/** @throws RangeError for a tokenizer that cannot be written, and for a vocabulary that it does not fit */
export function scaledFolder(
  experiment: Experiment,
  options: ScaledOptions,
): { files: HandoverFiles; config: EngineConfig } {
  const { tokenizer } = options;
  const engine = engineConfig(experiment, tokenizer?.size ?? experiment.model.V ?? 0);
  const config = { ...engine, seeds: experiment.seeds };
  const settings = {
    format: 1,
    step: 0,
    config,
    tokenizer: tokenizer && tokenizerJson(tokenizer),
    experiment,
  };
  const files: HandoverFiles = new Map([
    ['README.md', utf8(readme(engine, options))],
    ['config.json', jsonFile(settings)],
    ['init.py', utf8(initPy)],
    ['model.py', utf8(modelPy)],
    ['train.py', utf8(trainPy)],
  ]);
  return { files, config: engine };
}
