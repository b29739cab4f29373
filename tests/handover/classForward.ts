/**
 * Forward passes of classes of `transformers` in plain float64, written from these classes' own formulas, from a
 * folder's configuration and names alone. Nothing of the lab's mathematics is used.
 */
type Matrix = number[][];

interface ClassConfig {
  architectures: string[];
  [field: string]: unknown;
}

/** Tensors of a safetensors file as flat lists, by name. */
function readTensors(file: Uint8Array): Map<string, { shape: number[]; data: number[] }> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headSize = Number(view.getBigUint64(0, true));
  const head = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headSize)));
  delete head.__metadata__;
  return new Map(
    Object.entries<{ shape: number[]; data_offsets: [number, number] }>(head).map(
      ([name, { shape, data_offsets: offsets }]) => {
        const [begin, end] = offsets.map((at) => at + 8 + headSize) as [number, number];
        const n = (end - begin) / 4;
        const data = Array.from({ length: n }, (_, i) => view.getFloat32(begin + 4 * i, true));
        return [name, { shape, data }];
      },
    ),
  );
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const plus = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x + b[i]!);

function softmax(z: readonly number[]): number[] {
  const top = Math.max(...z);
  const e = z.map((x) => Math.exp(x - top));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((x) => x / sum);
}

/** One model: weights are asked for by the class's names, and every one has to be asked for. */
class ClassModel {
  readonly #config: ClassConfig;
  readonly #tensors: ReturnType<typeof readTensors>;
  readonly unused: Set<string>;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#config = JSON.parse(new TextDecoder().decode(files.get('config.json')));
    this.#tensors = readTensors(files.get('model.safetensors')!);
    this.unused = new Set(this.#tensors.keys());
  }

  number(field: string): number {
    const value = this.#config[field];
    if (typeof value !== 'number') throw new Error(`config.json has no ${field}`);
    return value;
  }

  vector(name: string): number[] {
    const found = this.#tensors.get(name);
    if (found === undefined) throw new Error(`model.safetensors has no "${name}"`);
    this.unused.delete(name);
    return found.data;
  }

  matrix(name: string, rows: number, columns: number): Matrix {
    const data = this.vector(name);
    const { shape } = this.#tensors.get(name)!;
    if (shape.join() !== `${rows},${columns}`) throw new Error(`"${name}" is [${shape}]`);
    return Array.from({ length: rows }, (_, r) => data.slice(r * columns, (r + 1) * columns));
  }

  linear(x: Matrix, name: string, outputs: number): Matrix {
    const w = this.matrix(name, outputs, x[0]!.length);
    return x.map((row) => w.map((weights) => dot(row, weights)));
  }

  norm(x: Matrix, name: string): Matrix {
    const w = this.vector(name);
    const eps = this.number('rms_norm_eps');
    return x.map((row) => {
      const scale = 1 / Math.sqrt(dot(row, row) / row.length + eps);
      return row.map((value, i) => w[i]! * value * scale);
    });
  }

  /** x·cos + rotate_half(x)·sin of every head. */
  rotate(row: number[], position: number, heads: number): number[] {
    const d = this.number('head_dim');
    const part = this.#config.partial_rotary_factor ?? 1;
    if (part !== 1) throw new Error('a part of the channels alone turns');
    const at = (head: number, i: number) => row[head * d + i]!;
    return Array.from({ length: heads * d }, (_, c) => {
      const [head, i] = [Math.floor(c / d), c % d];
      const pair = i % (d / 2);
      const angle = position * this.number('rope_theta') ** ((-2 * pair) / d);
      const half = i < d / 2 ? -at(head, i + d / 2) : at(head, i - d / 2);
      return at(head, i) * Math.cos(angle) + half * Math.sin(angle);
    });
  }

  /** One sequence [S, D]. */
  attention(x: Matrix, prefix: string): Matrix {
    const [H, G, d] = (['num_attention_heads', 'num_key_value_heads', 'head_dim'] as const).map(
      (field) => this.number(field),
    ) as [number, number, number];
    const turned = (name: string, heads: number) =>
      this.linear(x, `${prefix}.${name}.weight`, heads * d).map((row, t) =>
        this.rotate(row, t, heads),
      );
    const [q, k] = [turned('q_proj', H), turned('k_proj', G)];
    const v = this.linear(x, `${prefix}.v_proj.weight`, G * d);
    const headOf = (row: number[], h: number) => row.slice(h * d, (h + 1) * d);
    const y = x.map((_, t) =>
      Array.from({ length: H }, (_, h) => {
        const g = Math.floor(h / (H / G));
        const seen = Array.from({ length: t + 1 }, (_, s) => s);
        const scores = seen.map((s) => dot(headOf(q[t]!, h), headOf(k[s]!, g)) / Math.sqrt(d));
        const p = softmax(scores);
        return Array.from({ length: d }, (_, i) =>
          seen.reduce((sum, s) => sum + p[s]! * v[s]![g * d + i]!, 0),
        );
      }).flat(),
    );
    return this.linear(y, `${prefix}.o_proj.weight`, this.number('hidden_size'));
  }

  mlp(x: Matrix, prefix: string, hidden: number, names = ['gate_proj', 'up_proj', 'down_proj']) {
    const [gate, up, down] = names.map((name) => `${prefix}.${name}.weight`) as [
      string,
      string,
      string,
    ];
    const u = this.linear(x, up, hidden);
    const h = this.linear(x, gate, hidden).map((row, t) =>
      row.map((value, i) => value * sigmoid(value) * u[t]![i]!),
    );
    return this.linear(h, down, x[0]!.length);
  }

  /** Σ over the `k` experts of largest `choice` of weight·expert(x). */
  experts(
    x: Matrix,
    scores: Matrix,
    {
      k,
      choice,
      norm,
      expert,
    }: {
      k: number;
      choice: (scores: readonly number[]) => readonly number[];
      norm: boolean;
      expert: (x: Matrix, e: number) => Matrix;
    },
  ): Matrix {
    const all = scores[0]!.map((_, e) => expert(x, e));
    return x.map((row, t) => {
      const order = [...choice(scores[t]!).entries()].sort((a, b) => b[1] - a[1]);
      const chosen = order.slice(0, k).map(([e]) => e);
      const sum = chosen.reduce((total, e) => total + scores[t]![e]!, 0);
      return chosen.reduce(
        (y, e) => {
          const weight = scores[t]![e]! / (norm ? sum : 1);
          return plus(
            y,
            all[e]![t]!.map((value) => weight * value),
          );
        },
        row.map(() => 0),
      );
    });
  }

  mixtral(x: Matrix, layer: string): Matrix {
    const block = `${layer}.block_sparse_moe`;
    const z = this.linear(x, `${block}.gate.weight`, this.number('num_local_experts'));
    return this.experts(x, z.map(softmax), {
      k: this.number('num_experts_per_tok'),
      choice: (scores) => scores,
      norm: true,
      expert: (rows, e) =>
        this.mlp(rows, `${block}.experts.${e}`, this.number('intermediate_size'), [
          'w1',
          'w3',
          'w2',
        ]),
    });
  }

  qwen2Moe(x: Matrix, layer: string, l: number): Matrix {
    const { mlp_only_layers: dense, norm_topk_prob: norm } = this.#config;
    if ((dense as number[]).includes(l))
      return this.mlp(x, `${layer}.mlp`, this.number('intermediate_size'));
    const z = this.linear(x, `${layer}.mlp.gate.weight`, this.number('num_experts'));
    const hidden = this.number('moe_intermediate_size');
    const routed = this.experts(x, z.map(softmax), {
      k: this.number('num_experts_per_tok'),
      choice: (scores) => scores,
      norm: norm === true,
      expert: (rows, e) => this.mlp(rows, `${layer}.mlp.experts.${e}`, hidden),
    });
    const width = this.number('shared_expert_intermediate_size');
    const shared = this.mlp(x, `${layer}.mlp.shared_expert`, width);
    const gate = this.linear(x, `${layer}.mlp.shared_expert_gate.weight`, 1);
    return routed.map((row, t) =>
      plus(
        row,
        shared[t]!.map((value) => sigmoid(gate[t]![0]!) * value),
      ),
    );
  }

  glm4Moe(x: Matrix, layer: string, l: number): Matrix {
    if (l < this.number('first_k_dense_replace'))
      return this.mlp(x, `${layer}.mlp`, this.number('intermediate_size'));
    const z = this.linear(x, `${layer}.mlp.gate.weight`, this.number('n_routed_experts'));
    const hidden = this.number('moe_intermediate_size');
    const bias = this.vector(`${layer}.mlp.gate.e_score_correction_bias`);
    const routed = this.experts(
      x,
      z.map((row) => row.map(sigmoid)),
      {
        k: this.number('num_experts_per_tok'),
        choice: (scores) => plus(scores, bias),
        norm: this.#config.norm_topk_prob === true,
        expert: (rows, e) => this.mlp(rows, `${layer}.mlp.experts.${e}`, hidden),
      },
    );
    const width = hidden * this.number('n_shared_experts');
    const shared = this.mlp(x, `${layer}.mlp.shared_experts`, width);
    const scale = this.number('routed_scaling_factor');
    return routed.map((row, t) =>
      plus(
        row.map((value) => scale * value),
        shared[t]!,
      ),
    );
  }

  ffn(x: Matrix, layer: string, l: number): Matrix {
    switch (this.#config.architectures[0]) {
      case 'LlamaForCausalLM':
        return this.mlp(x, `${layer}.mlp`, this.number('intermediate_size'));
      case 'MixtralForCausalLM':
        return this.mixtral(x, layer);
      case 'Qwen2MoeForCausalLM':
        return this.qwen2Moe(x, layer, l);
      case 'Glm4MoeForCausalLM':
        return this.glm4Moe(x, layer, l);
      default:
        throw new Error(`no forward pass for ${this.#config.architectures}`);
    }
  }

  /** Logits of one sequence [S, V]. */
  logits(tokens: readonly number[]): Matrix {
    const [V, D] = [this.number('vocab_size'), this.number('hidden_size')];
    const embed = this.matrix('model.embed_tokens.weight', V, D);
    let x = tokens.map((token) => embed[token]!);
    for (let l = 0; l < this.number('num_hidden_layers'); l++) {
      const layer = `model.layers.${l}`;
      const a = this.attention(
        this.norm(x, `${layer}.input_layernorm.weight`),
        `${layer}.self_attn`,
      );
      x = x.map((row, t) => plus(row, a[t]!));
      const y = this.ffn(this.norm(x, `${layer}.post_attention_layernorm.weight`), layer, l);
      x = x.map((row, t) => plus(row, y[t]!));
    }
    const last = this.norm(x, 'model.norm.weight');
    const isTied = this.#config.tie_word_embeddings === true;
    return isTied
      ? last.map((row) => embed.map((weights) => dot(row, weights)))
      : this.linear(last, 'lm_head.weight', V);
  }
}

/** Logits [B·S, V] of sequences of `S` tokens, and the tensors that the class has no use for. */
export function classLogits(
  files: ReadonlyMap<string, Uint8Array>,
  tokens: readonly number[],
  S: number,
): { logits: number[]; unused: string[] } {
  const model = new ClassModel(files);
  const sequences = Array.from({ length: tokens.length / S }, (_, b) =>
    tokens.slice(b * S, (b + 1) * S),
  );
  const logits = sequences.flatMap((sequence) => model.logits(sequence)).flat();
  return { logits, unused: [...model.unused] };
}
