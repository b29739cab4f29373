"""Logits of folders 0, 1, … by `transformers`, and ids of a text by `tokenizers`, as one line of JSON."""
import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

folder, models, texts = Path(sys.argv[1]), [], {}
torch.set_num_threads(1)
for path in sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: int(p.name)):
    ask = json.loads((path / 'ask.json').read_text())
    model, info = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation='eager', output_loading_info=True)
    tokens = torch.tensor(ask['tokens']).view(-1, ask['S'])
    with torch.no_grad():
        logits = model(tokens).logits
    missing = [*info['missing_keys'], *info['unexpected_keys'], *info['mismatched_keys']]
    models.append({'class': type(model).__name__, 'logits': logits.flatten().tolist(), 'missing': list(map(str, missing))})
text = json.loads((folder / 'text.json').read_text())
for name in ('bytes', 'bpe', 'chars'):
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / f'{name}.json'), clean_up_tokenization_spaces=False)
    ids = tokenizer.encode(text)
    texts[name] = {'ids': ids, 'text': tokenizer.decode(ids)}
print(json.dumps({'models': models, 'texts': texts}))
