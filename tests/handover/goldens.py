"""Golden cases in PyTorch: one line per case, `name: ok, N comparisons` or `name: what is too far off`.

    python3 goldens.py FOLDER_OF_MODEL_PY FOLDER_OF_CASES

In a group of processes (RANK, WORLD_SIZE) each looks at its part, with the experts divided among them; cases whose
sequences they cannot share are left out.
"""
import json
import os
import sys
from pathlib import Path

import torch

sys.path.insert(0, sys.argv[1])
from model import Mode, Model, World  # noqa: E402
from train import optimizer_of, read_tensors, take_step  # noqa: E402


class Comparison:
    """What is too far from a case's tensors and scalars."""

    def __init__(self, tolerance):
        self.tolerance, self.wrong, self.made = tolerance, [], 0

    def near(self, group, name, got, want):
        got, want, allowed = got.detach(), torch.as_tensor(want), self.tolerance[group]
        self.made += 1
        if got.shape != want.shape:
            self.wrong.append(f'{name} has shape {list(got.shape)}, not {list(want.shape)}')
        elif want.numel():
            error = (got - want).abs().max().item()
            most = allowed['abs'] + allowed['rel'] * want.abs().max().item()
            if not error <= most:
                self.wrong.append(f'{name} is off by {error:.2e}, allowed {most:.2e}')

    def equal(self, name, got, want):
        self.made += 1
        if not torch.equal(got.long(), want.long()):
            self.wrong.append(f'{name} is another')


def compare_routing(to, tensors, routing, own):
    for l, r in routing.items():
        of = lambda name: tensors[f'out.layers.{l}.{name}'][own]
        selected, gates = r['selected'], r['gates']
        W = of('selected').shape[1]
        to.near('out', f'router_logits {l}', r['z'], of('router_logits'))
        to.near('out', f'probs {l}', r['p'], of('probs'))
        to.equal(f'selected {l}', selected[:, :W], of('selected'))
        chosen = gates.gather(1, selected.clamp(min=0)) * (selected >= 0)
        to.near('out', f'gates {l}', chosen[:, :W], of('gates'))
        to.equal(f'dropped {l}', (~r['kept'] & (selected >= 0))[:, :W], of('dropped'))


class Rows:
    """Rows that experts of MoE layers compute, here and in all processes."""

    def __init__(self, net):
        self.n = 0
        experts = [e for layer in net.layers if hasattr(layer, 'moe') for e in layer.moe.experts.values()]
        self.hooks = [e.register_forward_pre_hook(self.count) for e in experts]

    def count(self, _, rows):
        self.n += len(rows[0])

    def end(self):
        for hook in self.hooks:
            hook.remove()


def compare_outputs(to, net, tensors, batch):
    """Logits and routing of the own sequences, and that experts compute the assignments that were kept, no row more."""
    world = net.world
    B = len(batch[0]) // world.size
    tokens, targets = (x[world.rank * B : (world.rank + 1) * B] for x in batch)
    rows = Rows(net)
    with torch.no_grad():
        _, logits, routing = net.losses(tokens, targets, Mode(1))
    rows.end()
    own = slice(world.rank * tokens.numel(), (world.rank + 1) * tokens.numel())
    to.near('out', 'logits', logits, tensors['out.logits'].flatten(0, -2)[own])
    compare_routing(to, tensors, routing, own)
    kept = sum(
        (r['kept'] & (net.layers[l].moe.expert[r['selected'].clamp(min=0)] >= 0)).sum() for l, r in routing.items()
    )
    to.equal('count of computed rows', world.sum(torch.tensor(rows.n)), world.sum(torch.as_tensor(kept)))


def compare_step(to, case, tensors, row, own):
    """Losses and gradients of the first step."""
    for name, value in case['expected']['losses'].items():
        to.near('loss', name, torch.tensor(row[name]), value)
    clip = case['config']['optimizer']['clip']
    scale = 1.0 if clip is None else min(1.0, clip / (row['gradNorm'] + 1e-6))
    for name, p in own:
        to.near('grad', f'gradient of {name}', p.grad / scale, tensors[f'grad.{name}'])


def check(folder, world):
    case = json.loads((folder / 'case.json').read_text())
    if case['kind'] != 'train' or case['config']['batch']['B'] % world.size:
        return
    tensors, _ = read_tensors(folder / 'tensors.safetensors')
    config, to = case['config'], Comparison(case['tolerance'])
    net = Model(config, world)
    net.load_state_dict({name: tensors[f'param.{name}'] for name in net.state_dict()})
    optimizer, own = optimizer_of(net, config)
    for step in range(1, config['steps'] + 1):
        batch = [tensors[name][step - 1].long() for name in ('tokens', 'targets')]
        if step == 1:
            compare_outputs(to, net, tensors, batch)
        row = take_step(net, optimizer, own, step, batch)
        want = case['expected']['steps'][step - 1]
        to.near('loss', f'gradNorm {step}', torch.tensor(row['gradNorm']), want['gradNorm'])
        to.near('loss', f'loss {step}', torch.tensor(row['total']), want['loss']['total'])
        if step == 1:
            compare_step(to, case, tensors, row, own)
        for router in net.routers():
            bias = tensors.get(f'bias.layers.{router.l}.moe.router.selection_bias')
            if bias is not None:
                to.near('bias', f'bias {router.l} after step {step}', router.selection_bias, bias[step])
    for name, p in net.named_parameters():
        to.near('after', name, p, tensors[f'after.{name}'])
    print(f"{case['name']}: {'; '.join(to.wrong) if to.wrong else f'ok, {to.made} comparisons'}")


if 'WORLD_SIZE' in os.environ:
    torch.distributed.init_process_group('gloo')
for path in sorted(Path(sys.argv[2]).iterdir()):
    if path.is_dir():
        check(path, World(shard=True))
