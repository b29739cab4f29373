/** A model as a folder that `transformers` opens, in one of its own classes (docs/handover.md). */
import { type SafeTensors, writeSafetensors } from '../../data/safetensors.ts';
import type { Tokenizer } from '../../data/types.ts';
import type { TensorMap } from '../../train/engine/engine.ts';
import type { Checkpoint } from '../../train/session/checkpoint.ts';
import { atNextStep, type HandoverFiles, jsonFile, utf8 } from '../settings.ts';
import type { TransformersClass } from './classes.ts';
import { moeLayers, obstacles, type Subject } from './needs.ts';
import { type ToldTokenizer, tokenizerFile } from './tokenizer.ts';

/** An experiment that a class cannot express, with every setting that stands in the way. */
export class NotExpressible extends RangeError {
  readonly reasons: readonly string[];

  constructor(architecture: string, reasons: readonly string[]) {
    super(`${architecture} cannot express this experiment:\n${reasons.join('\n')}`);
    this.reasons = reasons;
  }
}

/** Names that all classes share. */
const COMMON: TransformersClass['names'] = [
  [/^embed\./, 'model.embed_tokens.'],
  [/^final_norm\./, 'model.norm.'],
  [/^head\./, 'lm_head.'],
  [/attn_norm\./, 'input_layernorm.'],
  [/ffn_norm\./, 'post_attention_layernorm.'],
  [/attn\.([qkvo])\./, 'self_attn.$1_proj.'],
  [/ffn\.(gate|up|down)\./, 'mlp.$1_proj.'],
];

/** @throws RangeError for a tensor that the class has no place for */
function renamed(name: string, { names, architecture }: TransformersClass): string {
  const found = [...names, ...COMMON].find(([pattern]) => pattern.test(name));
  if (found === undefined) throw new RangeError(`${architecture} has no place for "${name}"`);
  return name.replace(...found).replace(/^layers\./, 'model.layers.');
}

function tensorsOf(subject: Subject, of: TransformersClass, parameters: TensorMap): SafeTensors {
  const tensors: SafeTensors = new Map();
  for (const [name, { shape, data }] of parameters)
    tensors.set(renamed(name, of), { dtype: 'F32', shape, data });
  for (const [name, tensor] of of.more?.(subject, parameters) ?? []) tensors.set(name, tensor);
  return tensors;
}

/** Fields that the library's checks take as floating point alone. */
const FLOATS =
  /^( "(?:routed_scaling_factor|router_aux_loss_coef|router_jitter_noise|rope_theta|rms_norm_eps|initializer_range|partial_rotary_factor|temperature|top_p)": -?\d+)(,?)$/gm;

/** JSON in which whole numbers of such fields have a fraction. */
function floatsFile(fields: object): Uint8Array {
  return utf8(`${JSON.stringify(fields, null, 1)}\n`.replace(FLOATS, '$1.0$2'));
}

function configOf(subject: Subject, of: TransformersClass): object {
  const { settings, config } = subject;
  const { model, batch } = config;
  return {
    architectures: [of.architecture],
    model_type: of.modelType,
    torch_dtype: 'float32',
    vocab_size: model.V,
    hidden_size: model.D,
    num_hidden_layers: model.L,
    num_attention_heads: model.H,
    num_key_value_heads: model.Hkv,
    head_dim: model.D / model.H,
    hidden_act: 'silu',
    rms_norm_eps: model.normEps,
    rope_theta: model.ropeBase,
    rope_scaling: null,
    max_position_embeddings: batch.S,
    attention_dropout: 0,
    tie_word_embeddings: model.tied,
    initializer_range: settings.initStd,
    bos_token_id: null,
    eos_token_id: null,
    pad_token_id: null,
    ...of.fields(subject),
  };
}

/** Settings that act on training alone, which the class does in its own way. */
function leftOut({ settings: { losses, router }, config }: Subject): string[] {
  if (moeLayers(config).length === 0) return [];
  const terms = Object.entries(losses).filter(([, term]) => term);
  return [
    ...terms.map(([name, term]) => `losses.${name} (${JSON.stringify(term)})`),
    ...(router.capacity === null ? [] : [`router.capacity (${router.capacity}), in training`]),
    ...(router.pool === null ? [] : ['router.pool, in training']),
    ...(router.biasRule === null
      ? []
      : [`router.biasRule (${router.biasRule.kind}): the bias stays as it is`]),
    ...(router.frozen ? ['router.frozen'] : []),
  ];
}

function readme(
  subject: Subject,
  of: TransformersClass,
  step: number,
  told: ToldTokenizer,
): string {
  const left = leftOut(subject);
  const training =
    left.length === 0
      ? ''
      : `
What acts on training alone is not in the folder, since the class has training terms of its own or none:

${left.map((line) => `- ${line}`).join('\n')}
`;
  const text =
    told.json === null
      ? `There is no tokenizer.json: ${told.why}. The model takes token ids.`
      : 'tokenizer.json gives the ids that the run was trained on.';
  return `# A model of Switchyard as ${of.architecture}, after ${step} steps

\`\`\`python
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained('.')
\`\`\`

The class computes the logits that the model had in evaluation. It was trained on ${subject.config.batch.S} positions.
AdamW's moments stay behind. ${text}
${training}`;
}

/**
 * The folder of a checkpoint.
 * @throws NotExpressible where settings stand in the way; RangeError for a tokenizer without its merges
 */
export function transformersFolder(
  checkpoint: Checkpoint,
  tokenizer: Tokenizer,
  of: TransformersClass,
): HandoverFiles {
  const { subject, state } = atNextStep(checkpoint, tokenizer.size);
  const reasons = obstacles(of.needs, of.architecture, subject);
  if (reasons.length > 0) throw new NotExpressible(of.architecture, reasons);
  const { step, parameters } = state;
  const told = tokenizerFile(tokenizer);
  const sampling = { do_sample: true, temperature: 1, top_k: 0, top_p: 1 };
  const files: HandoverFiles = new Map([
    ['README.md', utf8(readme(subject, of, step, told))],
    ['config.json', floatsFile(configOf(subject, of))],
    ['generation_config.json', floatsFile(sampling)],
    ['model.safetensors', writeSafetensors(tensorsOf(subject, of, parameters), { format: 'pt' })],
  ]);
  if (told.json === null) return files;
  files.set('tokenizer.json', jsonFile(told.json));
  const kind = { tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: false };
  files.set('tokenizer_config.json', jsonFile(kind));
  return files;
}
