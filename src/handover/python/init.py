"""Draws the weights of a model that is not trained yet: `model.safetensors` of the `config.json` beside it.

    python3 init.py

The draws are those of docs/model.md, "Initial weights": element j of a parameter depends on the seed, its name and j alone.
"""
import json
import math
from pathlib import Path

import torch

from model import Model, hash_chain, moe_layers, slots_of
from train import write_tensors

HERE = Path(__file__).resolve().parent
CHUNK = 2**22
FORMAT = 'switchyard-checkpoint-1'


def fnv1a(name):
    h = 0x811C9DC5
    for byte in name.encode():
        h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
    return h


def normal(seed, name, n, std, device='cpu'):
    """n normal draws of a parameter, in double precision, as float32 [n]."""
    out, key = torch.empty(n), fnv1a(name)
    uniform = lambda i: (hash_chain(seed, key, i & 0xFFFFFFFF).double() + 0.5) / 2**32
    for first in range(0, n, CHUNK):
        j = torch.arange(first, min(first + CHUNK, n), device=device)
        x = torch.sqrt(-2 * torch.log(uniform(2 * j))) * torch.cos(2 * math.pi * uniform(2 * j + 1))
        out[first : first + CHUNK] = (x * std).float().cpu()
    return out


def router_bias(config, l):
    """0; in a model with negated slots (TC-MoE) −1 for these and −10 for null slots."""
    every = [slot['kind'] for layer in moe_layers(config['model']) for slot in slots_of(config['experts'], layer)]
    start = {'negated': -1.0, 'zero': -10.0} if 'negated' in every else {}
    return torch.tensor([start.get(slot['kind'], 0.0) for slot in slots_of(config['experts'], l)])


def start_value(name, shape, settings, device):
    """The start of one parameter or state, flat."""
    config, experiment = settings['config'], settings['experiment']
    seed, std, n = experiment['seeds']['init'], experiment['initStd'], math.prod(shape)
    if name.endswith('norm.weight'):
        return torch.ones(n)
    if name.endswith('.selection_bias'):
        return torch.zeros(n)
    if name.endswith('.router.bias'):
        return router_bias(config, int(name.split('.')[1]))
    if name.endswith('.vector'):
        return normal(seed, name, n, 1.0, device)
    into = name.endswith(('.attn.o.weight', '.down.weight'))
    return normal(seed, name, n, std / math.sqrt(2 * config['model']['L']) if into else std, device)


def main():
    settings = json.loads((HERE / 'config.json').read_text(encoding='utf-8'))
    if settings['step'] != 0:
        raise SystemExit(f"this model has taken {settings['step']} steps; init.py is for one that is at its start")
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    net = Model(settings['config'])
    tensors = net.state_dict()
    for name, x in tensors.items():
        x.copy_(start_value(name, x.shape, settings, device).view(x.shape))
    metadata = {'format': FORMAT, 'experiment': json.dumps(settings['experiment']), 'step': '0', 'dataCursor': '1'}
    write_tensors(HERE / 'model.safetensors', tensors, metadata)
    print(f"{sum(x.numel() for x in tensors.values()):,} numbers in {HERE / 'model.safetensors'}")


if __name__ == '__main__':
    main()
