"""The benchmark's model in PyTorch, eagerly, with index dispatch: only chosen experts compute.

    python3 bench/pytorch.py [--shape S|M|L] [--rounds N] [--steps N] [--threads N] [--device D]

Needs PyTorch (1.13 or newer) and nothing else. Prints JSON: the median of ms per step of the mixture
of experts, and that over its dense twin's, measured in turn. The start weights are normal draws of the
same standard deviations as in the browser, so the losses are alike but not equal.
"""

import argparse
import json
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

SHAPES = {
    "S": dict(V=64, D=64, L=2, H=4, S=64, B=8, hidden=128),
    "M": dict(V=256, D=128, L=4, H=4, S=128, B=8, hidden=256),
    "L": dict(V=1024, D=512, L=6, H=8, S=256, B=32, hidden=512),
}
EXPERTS = 8
K = 2
SWITCH_ALPHA = 0.01
INIT_STD = 0.02
ROPE_BASE = 10000.0


class RmsNorm(nn.Module):
    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


class Attention(nn.Module):
    """Causal, with rotary positions: pairs (i, i + C/2) of every head."""

    def __init__(self, D, H, S):
        super().__init__()
        self.H = H
        self.qkv = nn.Linear(D, 3 * D, bias=False)
        self.o = nn.Linear(D, D, bias=False)
        half = D // H // 2
        angle = torch.arange(S)[:, None] * ROPE_BASE ** (-torch.arange(half) / half)
        self.register_buffer("cos", angle.cos())
        self.register_buffer("sin", angle.sin())
        self.register_buffer("hidden", torch.full((S, S), -math.inf).triu(1))

    def rotate(self, x):
        a, b = x.chunk(2, -1)
        return torch.cat([a * self.cos - b * self.sin, b * self.cos + a * self.sin], -1)

    def forward(self, x):
        B, S, D = x.shape
        parts = self.qkv(x).view(B, S, 3, self.H, D // self.H).transpose(1, 3).unbind(2)
        q, k, v = parts
        scores = self.rotate(q) @ self.rotate(k).transpose(-1, -2) / math.sqrt(D // self.H)
        mixed = torch.softmax(scores + self.hidden, -1) @ v
        return self.o(mixed.transpose(1, 2).reshape(B, S, D))


class SwiGlu(nn.Module):
    def __init__(self, D, hidden):
        super().__init__()
        self.gate = nn.Linear(D, hidden, bias=False)
        self.up = nn.Linear(D, hidden, bias=False)
        self.down = nn.Linear(hidden, D, bias=False)

    def forward(self, m):
        return self.down(F.silu(self.gate(m)) * self.up(m)), m.new_zeros(())


class MixtureOfExperts(nn.Module):
    """Top-K of 8 with renormalised weights; tokens are gathered by expert and added back."""

    def __init__(self, D, hidden):
        super().__init__()
        self.router = nn.Linear(D, EXPERTS, bias=False)
        self.experts = nn.ModuleList(SwiGlu(D, hidden) for _ in range(EXPERTS))

    def forward(self, m):
        tokens = m.reshape(-1, m.shape[-1])
        p = torch.softmax(self.router(tokens), -1)
        kept, chosen = p.topk(K, -1)
        weights = kept / kept.sum(-1, keepdim=True)
        out = torch.zeros_like(tokens)
        for e, expert in enumerate(self.experts):
            token, rank = torch.where(chosen == e)
            y, _ = expert(tokens[token])
            out = out.index_add(0, token, y * weights[token, rank, None])
        first = F.one_hot(chosen[:, 0], EXPERTS).float().mean(0)
        aux = SWITCH_ALPHA * EXPERTS * (first * p.mean(0)).sum()
        return out.view_as(m), aux


class Block(nn.Module):
    def __init__(self, shape, is_dense):
        super().__init__()
        D, hidden = shape["D"], shape["hidden"]
        self.attn_norm = RmsNorm(D)
        self.attn = Attention(D, shape["H"], shape["S"])
        self.ffn_norm = RmsNorm(D)
        self.ffn = SwiGlu(D, K * hidden) if is_dense else MixtureOfExperts(D, hidden)

    def forward(self, x):
        x = x + self.attn(self.attn_norm(x))
        y, aux = self.ffn(self.ffn_norm(x))
        return x + y, aux


class Model(nn.Module):
    def __init__(self, shape, is_dense):
        super().__init__()
        self.embed = nn.Embedding(shape["V"], shape["D"])
        self.blocks = nn.ModuleList(Block(shape, is_dense) for _ in range(shape["L"]))
        self.final_norm = RmsNorm(shape["D"])
        self.head = nn.Linear(shape["D"], shape["V"], bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() < 2:
                continue
            is_output = name.endswith(("attn.o.weight", "down.weight"))
            std = INIT_STD / (math.sqrt(2 * shape["L"]) if is_output else 1)
            nn.init.normal_(weight, std=std)

    def forward(self, tokens, targets):
        x = self.embed(tokens)
        total = x.new_zeros(())
        for block in self.blocks:
            x, aux = block(x)
            total = total + aux
        logits = self.head(self.final_norm(x))
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten()) + total


class Training:
    """A model that takes steps on one batch."""

    def __init__(self, shape, is_dense):
        torch.manual_seed(1)
        self.model = Model(shape, is_dense)
        matrices = [w for w in self.model.parameters() if w.dim() >= 2]
        vectors = [w for w in self.model.parameters() if w.dim() < 2]
        groups = [dict(params=matrices, weight_decay=0.1), dict(params=vectors, weight_decay=0.0)]
        self.optimizer = torch.optim.AdamW(groups, lr=3e-4, betas=(0.9, 0.95), eps=1e-8)
        size = (shape["B"], shape["S"])
        self.batch = torch.randint(shape["V"], size), torch.randint(shape["V"], size)

    def step(self):
        loss = self.model(*self.batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def ms_per_step(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        return (time.perf_counter() - start) * 1000 / steps


def measure(shape, rounds, steps):
    moe, dense = Training(shape, False), Training(shape, True)
    loss = moe.step()
    dense.step()
    times = [(moe.ms_per_step(steps), dense.ms_per_step(steps)) for _ in range(rounds)]
    ms = statistics.median(one for one, _ in times)
    return {
        "msPerStep": ms,
        "moeOverDense": ms / statistics.median(other for _, other in times),
        "loss": loss,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--device", default="cpu")
    wanted = parser.parse_args()
    torch.set_default_device(wanted.device)
    if wanted.threads is not None:
        torch.set_num_threads(wanted.threads)
    train = {
        name: {"pytorch": measure(SHAPES[name], wanted.rounds, wanted.steps)}
        for name in wanted.shape or ["S", "M"]
    }
    versions = {"torch": torch.__version__, "threads": torch.get_num_threads(), "device": wanted.device}
    print(json.dumps({**versions, "train": train}, indent=2))


if __name__ == "__main__":
    main()
