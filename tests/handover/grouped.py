"""Work for chosen experts alone: rows that products take, and times against a masked loop at 64 experts."""
import json
import sys
import time

import torch

sys.path.insert(0, sys.argv[1])
from model import Mode, MoeLayer, SwiGlu, World  # noqa: E402

T, D, E, K = 2048, 64, 64, 2
torch.manual_seed(1)
config = {
    'model': {'D': D, 'V': 16, 'L': 1, 'normEps': 1e-5},
    'router': {'selection': 'topk', 'K': K, 'gate': 'renormalized', 'capacity': None, 'tau': 1},
    'experts': {'slots': [{'kind': 'ffn', 'hidden': 128}] * E},
    'losses': {},
    'batch': {'B': 1, 'S': T},
    'seed': 1,
}
layer = MoeLayer(config, 0, 0, None, World())
for p in layer.parameters():
    torch.nn.init.normal_(p, std=0.1)
m, tokens = torch.randn(T, D), torch.zeros(T, dtype=torch.int64)

rows = 0
whole = SwiGlu.forward


def counted(self, x):
    global rows
    rows += len(x)
    return whole(self, x)


def masked():
    routing, _ = layer.router(m, None, tokens, Mode(), layer.world)
    y = torch.zeros_like(m)
    for e in range(E):
        weight = routing['gates'][:, e : e + 1]
        y = y + weight * layer.experts[str(e)](m)
    return y


def median(run):
    times = []
    for _ in range(7):
        begun = time.perf_counter()
        run()
        times.append(time.perf_counter() - begun)
    return sorted(times)[3]


with torch.no_grad():
    grouped = lambda: layer(m, None, tokens, Mode())[0]
    error = (grouped() - masked()).abs().max().item()
    SwiGlu.forward = counted
    grouped()
    SwiGlu.forward = whole
    print(json.dumps({'rows': rows, 'assignments': T * K, 'error': error, 'size': grouped().abs().max().item(), 'speedup': median(masked) / median(grouped)}))
