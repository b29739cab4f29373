"""Goes on training what was handed over: weights, moments, step and settings of this folder.

    python3 train.py --steps 100 --text book.txt
    torchrun --nproc_per_node 2 train.py --steps 100 --text book.txt [--shard]

Every process takes its sequences of each batch; with --shard FFN experts are divided among processes too. Losses do not
depend on the number of processes. Needs torch 1.13 or newer alone.
"""
import argparse
import json
import math
import os
import struct
import time
from pathlib import Path

import torch

from model import Mode, Model, World, hash_chain

HERE = Path(__file__).resolve().parent
FIRST, SECOND, HISTORY = 'moment1.', 'moment2.', 'history.'
SEPARATOR = '\f'  # parts documents; no merge crosses it


# -- files --------------------------------------------------------------------------------------

def read_tensors(path):
    """A safetensors file: tensors by name, and its metadata."""
    with open(path, 'rb') as file:
        (size,) = struct.unpack('<Q', file.read(8))
        head, data = json.loads(file.read(size)), file.read()
    types, out = {'F32': torch.float32, 'I32': torch.int32}, {}
    metadata = head.pop('__metadata__', {})
    for name, entry in head.items():
        begin, end = entry['data_offsets']
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=types[entry['dtype']]) if end > begin else torch.empty(0)
        out[name] = flat.reshape(entry['shape'])
    return out, metadata


def write_tensors(path, tensors, metadata):
    """Written beside and moved, so that a process that is killed leaves the file before whole."""
    head, at = {'__metadata__': metadata}, 0
    for name, x in tensors.items():
        end = at + 4 * x.numel()
        dtype = 'F32' if x.is_floating_point() else 'I32'
        head[name] = {'dtype': dtype, 'shape': list(x.shape), 'data_offsets': [at, end]}
        at = end
    text = json.dumps(head).encode()
    text += b' ' * (-len(text) % 8)
    with open(f'{path}.part', 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        for x in tensors.values():
            x = x.float() if x.is_floating_point() else x.int()
            file.write(x.detach().cpu().contiguous().numpy().tobytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(f'{path}.part', path)


# -- text ---------------------------------------------------------------------------------------

def encode(text, tokenizer):
    """Token ids of a text by the tokenizer of the run."""
    if tokenizer['kind'] == 'bytes':
        return list(text.encode())
    if tokenizer['kind'] == 'chars':
        number = {char: i for i, char in enumerate(tokenizer['chars'])}
        unknown = sorted({char for char in text if char not in number})
        if unknown:
            raise SystemExit(f'the text has characters that the run’s text has not: {unknown[:5]}')
        return [number[char] for char in text]
    merges = [tuple(pair) for pair in tokenizer['merges']]
    documents = [merge(list(part.encode()), merges) for part in text.split(SEPARATOR)]
    return [token for i, part in enumerate(documents) for token in ([ord(SEPARATOR)] if i else []) + part]


def merge(tokens, merges):
    """Every merge in the order learnt, each from left to right, in time linear in the text."""
    rank, n = {pair: r for r, pair in enumerate(merges)}, len(tokens)
    after, before = list(range(1, n + 1)), list(range(-1, n - 1))
    waiting = [[] for _ in merges]

    def consider(i):
        if after[i] < n and (tokens[i], tokens[after[i]]) in rank:
            waiting[rank[tokens[i], tokens[after[i]]]].append(i)

    for i in range(n - 1):
        consider(i)
    for r, pair in enumerate(merges):
        for i in waiting[r]:
            j = after[i]
            if j >= n or (tokens[i], tokens[j]) != pair:
                continue
            tokens[i], tokens[j], after[i] = 256 + r, None, after[j]
            if after[i] < n:
                before[after[i]] = i
            if before[i] >= 0:
                consider(before[i])
            consider(i)
    return [token for token in tokens if token is not None]


class Stream:
    """Batches of sequences at places drawn for each step: the same for any number of processes."""

    def __init__(self, tokens, seed, B, S, V):
        if len(tokens) < S + 1:
            raise SystemExit(f'the text has {len(tokens)} tokens; a sequence needs {S + 1}')
        if int(tokens.max()) >= V:
            raise SystemExit(f'token {int(tokens.max())} is beyond the vocabulary of {V}')
        self.tokens, self.seed, self.B, self.S = tokens, seed, B, S

    def batch(self, step):
        places = hash_chain(self.seed, step, torch.arange(self.B)) % (len(self.tokens) - self.S)
        rows = torch.stack([self.tokens[p : p + self.S + 1] for p in places.tolist()])
        return rows[:, :-1], rows[:, 1:]


class Given:
    """Batches of a file in the goldens’ names: `tokens`, `targets` [steps, B, S], the first after `step`."""

    def __init__(self, path, step):
        tensors, metadata = read_tensors(path)
        self.tokens, self.targets = tensors['tokens'].long(), tensors['targets'].long()
        self.first = int(metadata.get('firstStep', step + 1))

    def check(self, first, last):
        """Stops before anything is trained where a step has no batch."""
        end = self.first + len(self.tokens) - 1
        if first <= last and not self.first <= first <= last <= end:
            raise SystemExit(f'steps {first} to {last} are asked for; the given batches are of steps {self.first} to {end}')

    def batch(self, step):
        at = step - self.first
        return self.tokens[at], self.targets[at]


def open_text(options, config, tokenizer, step, last):
    """The text of the steps after `step` up to `last`."""
    if options.batches:
        given = Given(options.batches, step)
        given.check(step + 1, last)
        return given
    if options.tokens:
        raw = bytearray(Path(options.tokens).read_bytes())
        tokens = torch.frombuffer(raw, dtype=torch.int16).long() & 0xFFFF
    elif options.text:
        if tokenizer is None:
            raise SystemExit('this model has no tokenizer: name ids of tokens, --tokens FILE')
        # Ends of lines as they are: they are characters of the text.
        text = Path(options.text).read_bytes().decode('utf-8-sig')
        tokens = torch.tensor(encode(text, tokenizer))
    else:
        raise SystemExit('name a text: --text FILE, --tokens FILE or --batches FILE')
    (B, S), V = (config['batch'][x] for x in 'BS'), config['model']['V']
    return Stream(tokens, config['seeds']['data'], B, S, V)


# -- state --------------------------------------------------------------------------------------

def is_sharded(name, world):
    return world.shard and '.moe.experts.' in name


def load(net, tensors, world):
    """Parameters and state of the routers; of sharded experts only the own ones."""
    own = dict(net.state_dict())
    missing = sorted(name for name in own if name not in tensors)
    if missing:
        raise SystemExit(f'the file has no "{missing[0]}"')
    net.load_state_dict({name: tensors[name] for name in own})
    for l, layer in enumerate(net.layers):
        history = tensors.get(f'layers.{l}.moe.router.count_history')
        if history is not None:
            # With the counts of steps to come, which are where the weights are.
            layer.moe.router.history = list(history.long().to(layer.moe.router.weight.device))


def optimizer_of(net, config):
    """AdamW: decay on tensors of two or more dimensions; a frozen router takes no part."""
    o, frozen = config['optimizer'], config['router'].get('frozen')
    own = [(n, p) for n, p in net.named_parameters() if not (frozen and '.moe.router.' in n)]
    groups = [
        {'params': [p for _, p in own if p.dim() >= 2], 'weight_decay': o['weightDecay']},
        {'params': [p for _, p in own if p.dim() < 2], 'weight_decay': 0.0},
    ]
    return torch.optim.AdamW(groups, lr=1.0, betas=(o['beta1'], o['beta2']), eps=o['eps']), own


def load_moments(optimizer, own, tensors, step):
    """A model at its start has none yet: they are 0."""
    for name, p in own:
        first, second = tensors.get(FIRST + name), tensors.get(SECOND + name)
        if step > 0 and (first is None or second is None):
            raise SystemExit(f'no file of this folder has the moments of "{name}": hand the model over again')
        optimizer.state[p] = {
            'step': torch.tensor(float(step)),
            'exp_avg': torch.zeros_like(p) if first is None else first.to(p),
            'exp_avg_sq': torch.zeros_like(p) if second is None else second.to(p),
        }


def carried_out(metadata, start, last):
    """The experiment without the events that steps after `start` up to `last` passed over: nobody carries them out here."""
    experiment = json.loads(metadata['experiment'])
    surgeries, kept = len(json.loads(metadata.get('surgeries', '[]'))), []
    for at, change in experiment['events']:
        if at <= start + 1 and surgeries >= 0:
            surgeries -= 'surgery' in change
            if surgeries >= 0:
                kept.append([at, change])
        elif at > last:
            kept.append([at, change])
    return {**experiment, 'events': kept}


def check_model(file, metadata, settings):
    """Stops where a file is of another model than `config.json`: one of them was here before."""
    own, told = json.loads(metadata['experiment']), settings['experiment']
    # Events that steps here passed over are no more in the file's experiment.
    is_same = {**own, 'events': []} == {**told, 'events': []} and all(e in told['events'] for e in own['events'])
    is_child = json.loads(metadata.get('parent', 'null')) == settings.get('parent')
    found = {'experiment': is_same, 'parent': is_child, 'step': int(metadata['step']) >= settings['step']}
    for what in (what for what, holds in found.items() if not holds):
        raise SystemExit(f'{file} and config.json are of two models: the {what} is another. Use an empty folder')


def gathered(net, optimizer, world):
    """All parameters, router state and moments under their names, on every process."""
    out = {name: x.detach() for name, x in net.state_dict().items()}
    moments = {}
    for name, p in net.named_parameters():
        state = optimizer.state.get(p)
        zero = torch.zeros_like(p)
        moments[FIRST + name] = state['exp_avg'] if state else zero
        moments[SECOND + name] = state['exp_avg_sq'] if state else zero
    for l, layer in enumerate(net.layers):
        if hasattr(layer, 'moe') and layer.moe.router.history:
            out[f'layers.{l}.moe.router.count_history'] = torch.stack(layer.moe.router.history).float()
    if world.shard:
        everyone = [None] * world.size
        mine = {n: x.cpu() for n, x in [*out.items(), *moments.items()] if '.moe.experts.' in n}
        torch.distributed.all_gather_object(everyone, mine)
        for part in everyone:
            for name, x in part.items():
                (moments if name.startswith((FIRST, SECOND)) else out)[name] = x
    return out, moments


# -- training -----------------------------------------------------------------------------------

def learning_rate(step, o):
    if step <= o['warmup']:
        return o['lr'] * step / o['warmup']
    if step > o['totalSteps']:
        return o['minLr']
    turn = math.pi * (step - o['warmup']) / (o['totalSteps'] - o['warmup'])
    return o['minLr'] + (o['lr'] - o['minLr']) * (1 + math.cos(turn)) / 2


def take_step(net, optimizer, own, step, batch):
    """One step of the whole batch, of which this process computes its sequences. @return losses, gradient norm, rate"""
    world, o, device = net.world, net.config['optimizer'], net.embed.weight.device
    B = len(batch[0]) // world.size
    tokens, targets = (x[world.rank * B : (world.rank + 1) * B].to(device) for x in batch)
    net.zero_grad(set_to_none=False)
    losses, _, _ = net.losses(tokens, targets, Mode(step))
    losses['total'].backward()
    shared, sharded = torch.zeros((), device=device), torch.zeros((), device=device)
    for name, p in own:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
        if is_sharded(name, world):
            sharded += p.grad.square().sum()
            continue
        if world.size > 1:
            torch.distributed.all_reduce(p.grad)
        shared += p.grad.square().sum()
    norm = torch.sqrt(shared + (world.sum(sharded) if world.shard else sharded)).item()
    values = {name: world.sum(torch.as_tensor(x)).item() for name, x in losses.items()}
    if not (math.isfinite(norm) and math.isfinite(values['total'])):
        raise SystemExit(f'step {step}: the loss or the gradient is not finite; nothing was changed')
    scale = 1.0 if o['clip'] is None else min(1.0, o['clip'] / (norm + 1e-6))
    for _, p in own:
        p.grad *= scale
    for group in optimizer.param_groups:
        group['lr'] = learning_rate(step, o)
    optimizer.step()
    for router in net.routers():
        router.end_step(world)
    return {'step': step, **values, 'gradNorm': norm, 'lr': learning_rate(step, o)}


class Trainer:
    def __init__(self, folder, world, device):
        self.settings = json.loads((folder / 'config.json').read_text(encoding='utf-8'))
        self.config, self.world, self.device = self.settings['config'], world, device
        saved = folder / 'continued.safetensors'
        source = saved if saved.exists() else folder / 'model.safetensors'
        tensors, self.metadata = read_tensors(source)
        check_model(source.name, self.metadata, self.settings)
        if source.name == 'model.safetensors' and (folder / 'moments.safetensors').exists():
            tensors.update(read_tensors(folder / 'moments.safetensors')[0])
        self.step, self.saved = int(self.metadata['step']), saved
        self.saved_step = self.step
        # Scalars of every step trained here, and what each MoE layer's slots got in it.
        self.history = json.loads(self.metadata.get('history', '[]'))
        self.loads = {n: list(x) for n, x in tensors.items() if n.startswith(HISTORY)}
        self.net = Model(self.config, world).to(device)
        load(self.net, tensors, world)
        self.optimizer, self.own = optimizer_of(self.net, self.config)
        load_moments(self.optimizer, self.own, tensors, self.step)
        # Carried along as it is: what surgeries removed, and moments of what is frozen.
        frozen = dict(self.net.named_parameters()).keys() - dict(self.own).keys()
        still = {moment + name for name in frozen for moment in (FIRST, SECOND)}
        self.rest = {name: x for name, x in tensors.items() if name.startswith('surgery.') or name in still}

    def train_step(self, batch):
        """One step of the whole batch. @return losses, gradient norm and rate"""
        row = take_step(self.net, self.optimizer, self.own, self.step + 1, batch)
        for router in self.net.routers():
            for field, x in router.loads(self.world).items():
                self.loads.setdefault(f'{HISTORY}layers.{router.l}.{field}', []).append(x)
        self.step = row['step']
        self.history.append(row)
        return row

    def save(self):
        """Writes the steps since the last call, where there are any."""
        if self.step == self.saved_step:
            return
        self.saved_step = self.step
        weights, moments = gathered(self.net, self.optimizer, self.world)
        if self.world.rank:
            return
        metadata = {
            **self.metadata,
            'experiment': json.dumps(carried_out(self.metadata, self.settings['step'], self.step)),
            'step': str(self.step),
            'dataCursor': str(self.step + 1),
            'history': json.dumps(self.history),
        }
        loads = {name: torch.stack(steps) for name, steps in self.loads.items()}
        write_tensors(self.saved, {**weights, **moments, **self.rest, **loads}, metadata)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--steps', type=int, required=True, help='further steps; of a run that goes on, in all')
    parser.add_argument('--text', help='text in UTF-8')
    parser.add_argument('--tokens', help='token ids, 16 bits each, little-endian')
    parser.add_argument('--batches', help='batches as `npm run handover -- … --batches N` writes them')
    parser.add_argument('--shard', action='store_true', help='divides FFN experts among processes')
    parser.add_argument('--every', type=int, default=100, help='saves after so many steps (100)')
    return parser.parse_args()


def main():
    options = arguments()
    device = torch.device('cpu')
    if 'WORLD_SIZE' in os.environ:
        cuda = torch.cuda.is_available()
        if cuda:
            device = torch.device('cuda', int(os.environ['LOCAL_RANK']))
            torch.cuda.set_device(device)
        torch.distributed.init_process_group('nccl' if cuda else 'gloo')
    elif torch.cuda.is_available():
        device = torch.device('cuda')
    world = World(options.shard)
    trainer = Trainer(HERE, world, device)
    config = trainer.config
    B = config['batch']['B']
    if B % world.size:
        possible = ', '.join(str(n) for n in range(1, B + 1) if B % n == 0)
        raise SystemExit(f'batch.B is {B}: {world.size} processes do not divide it; possible are {possible}')
    last = trainer.settings['step'] + options.steps
    text = open_text(options, config, trainer.settings['tokenizer'], trainer.step, last)
    while trainer.step < last:
        begun = time.perf_counter()
        try:
            row = trainer.train_step(text.batch(trainer.step + 1))
        except SystemExit:
            trainer.save()
            if world.size > 1:
                # Who ends first ends the others, in the middle of writing too.
                torch.distributed.barrier()
            raise
        if world.rank == 0:
            print(f"step {row['step']}  ce {row['ce']:.4f}  {time.perf_counter() - begun:.2f} s", flush=True)
        if trainer.step % options.every == 0 or trainer.step == last:
            trainer.save()
    if world.size > 1:
        torch.distributed.destroy_process_group()


if __name__ == '__main__':
    main()
