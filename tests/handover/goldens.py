"""Golden cases in PyTorch: one line per case, `name ok` or `name: what is too far off`.

    python3 goldens.py FOLDER_OF_MODEL_PY FOLDER_OF_CASES
"""
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, sys.argv[1])
from model import Mode, Model  # noqa: E402
from train import learning_rate, optimizer_of, read_tensors  # noqa: E402


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


def compare_routing(to, tensors, routing):
    for l, r in routing.items():
        of = lambda name: tensors[f'out.layers.{l}.{name}']
        selected, gates = r['selected'], r['gates']
        W = of('selected').shape[1]
        to.near('out', f'router_logits {l}', r['z'], of('router_logits'))
        to.near('out', f'probs {l}', r['p'], of('probs'))
        to.equal(f'selected {l}', selected[:, :W], of('selected'))
        chosen = gates.gather(1, selected.clamp(min=0)) * (selected >= 0)
        to.near('out', f'gates {l}', chosen[:, :W], of('gates'))
        to.equal(f'dropped {l}', (~r['kept'] & (selected >= 0))[:, :W], of('dropped'))


def check(folder):
    case = json.loads((folder / 'case.json').read_text())
    if case['kind'] != 'train':
        return
    tensors, _ = read_tensors(folder / 'tensors.safetensors')
    config, to = case['config'], Comparison(case['tolerance'])
    net = Model(config)
    net.load_state_dict({n[6:]: x for n, x in tensors.items() if n.startswith('param.')})
    optimizer, own = optimizer_of(net, config)
    o = config['optimizer']
    for step in range(1, config['steps'] + 1):
        tokens, targets = (tensors[name][step - 1].long() for name in ('tokens', 'targets'))
        for _, p in net.named_parameters():
            p.grad = torch.zeros_like(p)
        losses, logits, routing = net.losses(tokens, targets, Mode(step))
        losses['total'].backward()
        norm = torch.sqrt(sum(p.grad.square().sum() for _, p in own))
        want = case['expected']['steps'][step - 1]
        to.near('loss', f'gradNorm {step}', norm, want['gradNorm'])
        to.near('loss', f'loss {step}', losses['total'], want['loss']['total'])
        if step == 1:
            to.near('out', 'logits', logits, tensors['out.logits'])
            compare_routing(to, tensors, routing)
            for name, value in case['expected']['losses'].items():
                to.near('loss', name, losses[name], value)
            for name, p in own:
                to.near('grad', f'gradient of {name}', p.grad, tensors[f'grad.{name}'])
        scale = 1.0 if o['clip'] is None else min(1.0, o['clip'] / (norm.item() + 1e-6))
        for _, p in own:
            p.grad *= scale
        for group in optimizer.param_groups:
            group['lr'] = learning_rate(step, o)
        optimizer.step()
        for l, layer in enumerate(net.layers):
            if not hasattr(layer, 'moe'):
                continue
            layer.moe.router.end_step(net.world)
            bias = tensors.get(f'bias.layers.{l}.moe.router.selection_bias')
            if bias is not None:
                to.near('bias', f'bias {l} after step {step}', layer.moe.router.selection_bias, bias[step])
    for name, p in net.named_parameters():
        to.near('after', name, p, tensors[f'after.{name}'])
    print(f"{case['name']}: {'; '.join(to.wrong) if to.wrong else f'ok, {to.made} comparisons'}")


for path in sorted(Path(sys.argv[2]).iterdir()):
    if path.is_dir():
        check(path)
