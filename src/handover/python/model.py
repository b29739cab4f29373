"""The network of docs/model.md and docs/balancing.md, in PyTorch (1.13 or newer).

One class per part; names of parameters are those of checkpoints, so `state_dict` reads and writes them.
Shapes are noted by letters: T tokens of this process, R router slots, W ranks, D model width, V vocabulary.

Several processes: every process holds whole sequences of one batch, in order of rank. `World` makes global what
counts over the batch (f, A, places, bias counts), so that no result depends on the number of processes.
Losses are sums over the own tokens divided by the batch's: their gradients are summed over processes.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


# -- one process or several ---------------------------------------------------------------------

class World:
    """Processes that share a batch. With `shard`, FFN expert e belongs to process e mod size."""

    def __init__(self, shard=False):
        dist = torch.distributed
        on = dist.is_available() and dist.is_initialized()
        self.rank = dist.get_rank() if on else 0
        self.size = dist.get_world_size() if on else 1
        self.shard = shard and self.size > 1

    def sum(self, x):
        """The sum over processes; no gradient."""
        x = x.detach().clone()
        if self.size > 1:
            torch.distributed.all_reduce(x)
        return x

    def gather(self, x):
        """All processes' rows, in order of rank; every process has as many. No gradient."""
        x = x.detach().contiguous()
        if self.size == 1:
            return x
        parts = [torch.empty_like(x) for _ in range(self.size)]
        torch.distributed.all_gather(parts, x)
        return torch.cat(parts)

    def largest(self, n):
        if self.size == 1:
            return n
        x = torch.tensor([n])
        if torch.distributed.get_backend() == 'nccl':
            x = x.cuda()
        torch.distributed.all_reduce(x, op=torch.distributed.ReduceOp.MAX)
        return int(x.item())


class Exchange(torch.autograd.Function):
    """Rows to other processes: `send[p]` rows go to process p, `receive[p]` come from it."""

    @staticmethod
    def forward(ctx, x, send, receive):
        ctx.sizes = receive, send
        out = x.new_empty((sum(receive), x.shape[1]))
        torch.distributed.all_to_all_single(out, x.contiguous(), receive, send)
        return out

    @staticmethod
    def backward(ctx, grad):
        return Exchange.apply(grad, *ctx.sizes), None, None


# -- parts of the network -----------------------------------------------------------------------

class RmsNorm(nn.Module):
    def __init__(self, width, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x):
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


class SwiGlu(nn.Module):
    """(silu(m·Wgateᵀ) ⊙ (m·Wupᵀ))·Wdownᵀ"""

    def __init__(self, D, hidden):
        super().__init__()
        self.gate = nn.Linear(D, hidden, bias=False)
        self.up = nn.Linear(D, hidden, bias=False)
        self.down = nn.Linear(hidden, D, bias=False)

    def forward(self, m):
        return self.down(F.silu(self.gate(m)) * self.up(m))


def rotate(x, base):
    """RoPE in the half-split convention; x [B, heads, S, Dh]."""
    S, Dh = x.shape[-2:]
    frequency = base ** (-2 * torch.arange(Dh // 2, dtype=torch.float64, device=x.device) / Dh)
    angle = torch.arange(S, dtype=torch.float64, device=x.device)[:, None] * frequency
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., : Dh // 2], x[..., Dh // 2 :]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def alibi_slopes(H):
    """2^(−8·head/H); for H no power of two as docs/model.md says."""
    power = 2 ** math.floor(math.log2(H))
    own = [2 ** (-8 * head / power) for head in range(1, power + 1)]
    rest = [2 ** (-8 * head / (2 * power)) for head in range(1, 2 * power + 1, 2)]
    return own + rest[: H - power]


class Attention(nn.Module):
    def __init__(self, model):
        super().__init__()
        D, self.H, self.Hkv = model['D'], model['H'], model['Hkv']
        self.Dh = D // self.H
        self.positions, self.base = model['positions'], model['ropeBase']
        self.q = nn.Linear(D, D, bias=False)
        self.k = nn.Linear(D, self.Hkv * self.Dh, bias=False)
        self.v = nn.Linear(D, self.Hkv * self.Dh, bias=False)
        self.o = nn.Linear(D, D, bias=False)
        if model['keyNorm']:
            self.k_norm = RmsNorm(self.Dh, model['normEps'])

    def forward(self, x, S):
        B = x.shape[0] // S
        split = lambda y, heads: y.view(B, S, heads, self.Dh).transpose(1, 2)
        q, k, v = split(self.q(x), self.H), split(self.k(x), self.Hkv), split(self.v(x), self.Hkv)
        if self.positions == 'rope':
            q, k = rotate(q, self.base), rotate(k, self.base)
        if hasattr(self, 'k_norm'):
            k = self.k_norm(k)
        k, v = (y.repeat_interleave(self.H // self.Hkv, 1) for y in (k, v))
        score = q @ k.transpose(-1, -2) / math.sqrt(self.Dh)
        at = torch.arange(S, device=x.device)
        if self.positions == 'alibi':
            slope = torch.tensor(alibi_slopes(self.H), dtype=x.dtype, device=x.device)
            score = score - slope[:, None, None] * (at[:, None] - at[None, :])
        score = score.masked_fill(at[None, :] > at[:, None], -math.inf)
        y = torch.softmax(score, -1) @ v
        return self.o(y.transpose(1, 2).reshape(B * S, -1))


class Constant(nn.Module):
    """a₁·m + a₂·v, [a₁, a₂] = softmax(m·Wcᵀ)"""

    def __init__(self, D):
        super().__init__()
        self.vector = nn.Parameter(torch.zeros(D))
        self.mix = nn.Linear(D, 2, bias=False)

    def forward(self, m):
        a = torch.softmax(self.mix(m), -1)
        return a[:, :1] * m + a[:, 1:] * self.vector


# -- selection: a constant for differentiation ----------------------------------------------------

def mixed(x):
    """The 32-bit mixing of the hash chain, on int64 tensors."""
    mask = 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & mask
    x = ((x ^ (x >> 15)) * 0x846CA68B) & mask
    return x ^ (x >> 16)


def hash_chain(seed, *parts):
    """h of (seed, parts …); parts are numbers or int64 tensors that broadcast."""
    h = mixed(torch.tensor((seed ^ 0x9E3779B9) & 0xFFFFFFFF, dtype=torch.int64))
    for part in parts:
        h = mixed(h.to(part.device) ^ part if torch.is_tensor(part) else h ^ part)
    return h


def hash_table(seed, layer, V, R, K):
    """Slots of every token id by rank [V, min(K, R)] (Hash Layers 2106.04426)."""
    ids, K = torch.arange(V), min(K, R)
    deck = torch.arange(R).repeat(V, 1)
    for k in range(K):
        j = k + hash_chain(seed, layer, ids, torch.tensor(k)) % (R - k)
        at_k, at_j = deck[:, k].clone(), deck.gather(1, j[:, None])[:, 0]
        deck[:, k] = at_j
        deck.scatter_(1, j[:, None], at_k[:, None])
    return deck[:, :K]


def by_size(x):
    """Indices by size, largest first, equal ones by index."""
    return torch.sort(x, dim=-1, descending=True, stable=True)[1]


def capacity_places(slots, A, gamma, tau):
    """Places per slot (MoE++ 8), in double precision, left to right."""
    ffn = [kind(slot) == 'ffn' for slot in slots]
    Nf = sum(ffn)
    Nzc = len(slots) - Nf
    if Nzc == 0:
        return [math.ceil(gamma * A / Nf)] * len(slots)
    share = tau * Nf + Nzc
    return [math.ceil(gamma * A * tau / share if own else gamma * A / share) for own in ffn]


def kind(slot):
    """`ffn` of slots that compute, else the kind itself."""
    return 'ffn' if slot['kind'] in ('ffn', 'negated') else slot['kind']


class Mode:
    """What a pass is for. Steps count from 1; evaluation is step 0 and drops only where the experiment says so."""

    def __init__(self, step=0, capacity=False):
        self.step = step
        self.training = step > 0
        self.capacity = capacity or self.training


class Router(nn.Module):
    """Logits, scores, selection, gates, auxiliary terms and selection bias of MoE layer number `index`."""

    def __init__(self, config, l, index, slots, previous):
        super().__init__()
        self.config, self.l, self.slots = config, l, slots
        self.router, self.losses = config['router'], config['losses']
        R, D = len(slots), config['model']['D']
        self.R, self.K = R, min(self.router['K'] or R, R)
        option = self.router.get
        layers = option('hashLayers')
        self.is_hash = option('selection') == 'hash' and (layers is None or index < layers)
        self.weight = nn.Parameter(torch.zeros(R, D))
        self.bias = nn.Parameter(torch.zeros(R)) if option('bias') else None
        if option('noise'):
            self.noise = nn.Linear(D, R, bias=False)
            self.noise_norm = RmsNorm(R, config['model']['normEps'])
        if option('gatingResidual') and previous is not None:
            self.residual = nn.Linear(previous, R, bias=False)
        self.has_bias = option('biasRule') is not None and not self.is_hash
        self.register_buffer('selection_bias', torch.zeros(R) if self.has_bias else None)
        self.history = []  # count vectors of the last steps, for losses.balance with scope global
        if self.is_hash:
            table = hash_table(option('hashSeed') or 0, l, config['model']['V'], R, self.K)
            self.register_buffer('table', table, persistent=False)
        self.zero = torch.tensor([slot['kind'] == 'zero' for slot in slots])
        self.ffn = torch.tensor([kind(slot) == 'ffn' for slot in slots])

    def logits(self, m, z_prev):
        z = m @ self.weight.T
        if self.bias is not None:
            z = z + self.bias
        if hasattr(self, 'noise'):
            x = self.noise(m)
            z = z + self.noise_norm(x.clamp(min=0) + torch.log1p(torch.exp(-x.abs())))
        if hasattr(self, 'residual'):
            z = z + self.residual(z_prev)
        return z

    def pool(self, z, mode, world):
        """Slots outside their sequence's pool get −∞ (EMO); None where there is no pool."""
        rule = self.router.get('pool')
        if rule is None or (not mode.training and rule['evaluation'] is None):
            return None
        S = self.config['batch']['S']
        preference = torch.softmax(z.detach(), -1).view(-1, S, self.R).mean(1)
        B = len(preference)
        if not mode.training:
            n = torch.full((B,), rule['evaluation'])
        elif 'size' in rule:
            n = torch.full((B,), rule['size'])
        else:
            j = world.rank * B + torch.arange(B)
            h = hash_chain(self.config['seed'], mode.step, self.l, j, torch.tensor(1))
            n = rule['min'] + h % (rule['max'] - rule['min'] + 1)
        place = by_size(preference).argsort(dim=-1)
        return (place < n.to(z.device)[:, None]).repeat_interleave(S, 0)

    def scores(self, z, inside):
        """s, its logarithm, and p = s/Σs [T, R]."""
        score = self.router.get('score', 'softmax')
        out = (lambda x, value: x) if inside is None else (lambda x, value: x.masked_fill(~inside, value))
        if score == 'softmax':
            p = torch.softmax(out(z, -math.inf), -1)
            log = out(z, -math.inf) - torch.logsumexp(out(z, -math.inf), -1, keepdim=True)
            return p, log, p
        softplus = lambda x: x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))
        if score == 'sigmoid':
            s, log = torch.sigmoid(z), -softplus(-z)
        else:
            high = z.clamp(min=-15)  # below, ½·log softplus(z) is z/2
            s = torch.where(z < -15, torch.exp(z / 2), torch.sqrt(softplus(high)))
            log = torch.where(z < -15, z / 2, 0.5 * torch.log(softplus(high)))
        log = out(log, -math.inf)
        return out(s, 0.0), log, torch.softmax(log, -1)

    @torch.no_grad()
    def select(self, value, log, p, tokens, mode, world):
        """Slots by rank [T, W], −1 where a token has fewer."""
        T, R = value.shape
        selection = 'topk' if self.router['selection'] == 'hash' else self.router['selection']
        if self.is_hash:
            return self.table[tokens]
        if selection == 'expertChoice':
            return self.choose_tokens(log, world)
        order = by_size(value)
        rank = torch.arange(R, device=value.device)
        if selection == 'topk':
            return order[:, : self.K]
        if selection == 'topp':
            mass = p.double().gather(1, order).cumsum(1)
            count = (mass < self.router['P']).sum(1) + 1
            W = world.largest(int(count.clamp(max=R).max()))
        elif selection == 'randomDrop':
            t = world.rank * T + torch.arange(T)
            h = hash_chain(self.config['seed'], mode.step, self.l, t)
            count = torch.where(h < self.router['q'] * 2**32, 1, 2).to(value.device)
            W = min(2, R)
        else:
            policy, w = self.router['policy'][self.l], p.max(1)[0]
            if policy['kind'] == 'dynamic':
                low, high = w <= policy['beta'], w >= policy['alpha']
                count = torch.where(high, 1, torch.where(low, 3, 2))
            else:
                count = torch.full((T,), int(policy['kind'][-1]), device=value.device)
            W = min(3, R)
        return order[:, :W].masked_fill(rank[:W] >= count[:, None], -1)

    def choose_tokens(self, log, world):
        """Every slot takes its C best tokens of the batch (Zhou 2202.09368)."""
        T, R = log.shape
        every = world.gather(log)
        gamma = 1 if self.router['capacity'] is None else self.router['capacity']
        C = min(len(every), math.ceil(gamma * len(every) * self.router['K'] / R))
        best = by_size(every.T)[:, :C]
        taken = torch.zeros(R, len(every), dtype=torch.bool, device=log.device).scatter_(1, best, True)
        taken = taken.T[world.rank * T : (world.rank + 1) * T]
        W = world.largest(max(1, int(taken.sum(1).max())))
        slot = torch.arange(R, device=log.device).expand(T, R)
        ascending = torch.where(taken, slot, R).sort(dim=1)[0][:, :W]
        return torch.where(ascending < R, ascending, -1)

    def gates(self, s, log, chosen):
        """g [T, R], also of null slots with renormalizedWithNull."""
        gate, scale = self.router['gate'], self.router.get('routeScale', 1)
        if gate == 'softmax':
            return scale * s * chosen
        if gate == 'uniform':
            return scale * chosen / chosen.sum(1, keepdim=True).clamp(min=1) + 0 * s
        zero = self.zero.to(chosen.device)
        part = {
            'renormalized': chosen,
            'renormalizedWithNull': chosen | zero,
            'renormalizedWithoutZero': chosen & ~zero,
        }[gate]
        x = log.masked_fill(~part, -math.inf).masked_fill(~part.any(1, keepdim=True), 0)
        return scale * torch.softmax(x, -1) * part

    @torch.no_grad()
    def kept(self, selected, A, mode, world):
        """Whether an assignment has a place [T, W]: by rank, then by token of the whole batch."""
        gamma = self.router['capacity']
        if gamma is None or not mode.capacity or self.router['selection'] == 'expertChoice':
            return selected >= 0
        places = capacity_places(self.slots, A, gamma, self.router['tau'])
        every, T = world.gather(selected), len(selected)
        own = slice(world.rank * T, (world.rank + 1) * T)
        free = torch.tensor(places, device=selected.device)
        kept = torch.zeros_like(selected, dtype=torch.bool)
        for w in range(every.shape[1]):
            taken = self.one_hot(every[:, w : w + 1])
            place = taken.cumsum(0) - 1
            kept[:, w] = ((place < free) & (taken > 0)).any(1)[own]
            free = free - taken.sum(0)
        return kept

    def one_hot(self, selected):
        """Assignments [T, R] of slots [T, W]."""
        counts = torch.zeros(len(selected), self.R + 1, dtype=torch.int64, device=selected.device)
        counts.scatter_(1, torch.where(selected < 0, self.R, selected), 1)
        return counts[:, : self.R]

    def forward(self, m, z_prev, tokens, mode, world):
        z = self.logits(m, z_prev)
        inside = self.pool(z, mode, world)
        s, log, p = self.scores(z, inside)
        value = s.detach() + self.selection_bias if self.has_bias else z.detach()
        if inside is not None:
            value = value.masked_fill(~inside, -math.inf)
        selected = self.select(value, log.detach(), p.detach(), tokens, mode, world)
        chosen = self.one_hot(selected) > 0
        counts = world.sum(chosen.sum(0))
        gates = self.gates(s, log, chosen)
        kept = self.kept(selected, int(counts.sum()), mode, world)
        self.last = {
            'counts': counts, 'scores': s.detach(), 'value': value, 'T': len(m) * world.size,
            'p': p.detach(), 'selected': selected, 'kept': kept, 'gates': gates.detach() * chosen,
        }
        routing = {'z': z, 'p': p, 's': s, 'selected': selected, 'gates': gates, 'kept': kept}
        inner = z if inside is None else z.masked_fill(~inside, -math.inf)
        return routing, self.terms(inner, p, gates, selected, chosen, counts, z.detach(), mode, world)

    # -- auxiliary terms (docs/model.md, "Losses"; docs/balancing.md, "Losses") -------------------

    def terms(self, z, p, gates, selected, chosen, counts, raw, mode, world):
        """Own tokens' share of every active term; f is the whole batch's and has no gradient."""
        losses, slots, R, T = self.losses, self.slots, self.R, len(p) * world.size
        P, f, out = p.sum(0) / T, counts / T, {}
        if losses.get('zloss'):
            out['zloss'] = losses['zloss']['coefficient'] * torch.logsumexp(z, -1).square().sum() / T
        if self.is_hash:
            return out
        if losses.get('switch'):
            first = world.sum(self.one_hot(selected[:, :1]).sum(0)) / T
            out['switch'] = losses['switch']['alpha'] * R * (first * P).sum()
        if losses.get('heterogeneous'):
            eta = torch.where(self.ffn, 1.0, self.router['tau']).to(p)
            out['heterogeneous'] = losses['heterogeneous']['beta'] * (eta * f * P).sum()
        if losses.get('ternary'):
            group = [expert_of(slots, r) for r in range(R)]
            N = max(group) + 1
            pairs = torch.stack([chosen[:, [g == e for g in group]].any(1).sum() for e in range(N)])
            f_e = world.sum(pairs) / counts.sum()
            weight = [0 if g < 0 else f_e[g] - f_e.mean() for g in group]
            out['ternary'] = losses['ternary']['alpha1'] * sum(w * P[r] for r, w in enumerate(weight))
        if losses.get('reward'):
            null = gates[:, self.zero.to(gates.device)].sum()
            out['reward'] = -losses['reward']['alpha2'] * null / T
        if losses.get('dynamic'):
            log = torch.where(p > 0, p, torch.ones_like(p)).log()
            out['dynamic'] = -losses['dynamic']['w'] * (p * log).sum() / T
        if losses.get('balance'):
            out['balance'] = self.balance(losses['balance'], p, chosen, raw, mode, world)
        return out

    def balance(self, term, p, chosen, raw, mode, world):
        if term.get('counts') == 'unbiased':
            chosen = self.one_hot(by_size(raw)[:, : self.K]) > 0
        S, (T, R) = self.config['batch']['S'], p.shape
        if term['scope'] == 'sequence':
            count = chosen.view(-1, S, R).sum(1)
            f, P = count / count.sum(1, keepdim=True), p.view(-1, S, R).mean(1)
            return term['coefficient'] * R * (f * P).sum() / (len(P) * world.size)
        count = world.sum(chosen.sum(0))
        self.counted = count
        window = [*self.history, count] if term['scope'] == 'global' else [count]
        total = sum(window)
        f = total / total.sum()
        return term['coefficient'] * R * (f * p.sum(0)).sum() / (T * world.size)

    @torch.no_grad()
    def loads(self, world):
        """What the step just taken tells of every slot, over the whole batch: assignments by rank [W, R], the rest [R]."""
        last, R = self.last, self.R
        selected = last['selected']
        ranks = [self.one_hot(selected[:, w : w + 1]).sum(0) for w in range(selected.shape[1])]
        dropped = self.one_hot(selected.masked_fill(last['kept'], -1)).sum(0)
        own = torch.stack([*ranks, dropped, last['p'].sum(0), last['gates'].sum(0)])
        *ranks, drops, p, gates = world.sum(own).cpu()
        unused = [torch.zeros(R)] * (self.ranks() - len(ranks))
        return {
            'assignments': torch.stack([*ranks, *unused]).int(),
            'drops': drops.int(),
            'meanProb': p / last['T'],
            'meanGate': gates / last['counts'].cpu().clamp(min=1),
            'bias': self.selection_bias.cpu().clone() if self.has_bias else torch.zeros(R),
        }

    def ranks(self):
        """The most slots that a token can select."""
        most = {'topp': self.R, 'expertChoice': self.R, 'randomDrop': 2, 'adaptive': 3}
        return min(most.get(self.router['selection'], self.K), self.R)

    # -- after the optimiser's step -----------------------------------------------------------------

    @torch.no_grad()
    def end_step(self, world):
        """Moves the selection bias and the window of counts, once a step's parameters have moved."""
        term = self.losses.get('balance')
        if term and term['scope'] == 'global' and not self.is_hash:
            self.history = [*self.history, self.counted][-(term['window'] - 1) :] if term['window'] > 1 else []
        rule = self.router.get('biasRule') if self.has_bias else None
        if rule is None or rule['kind'] == 'none':
            return
        b, c, R, K = self.selection_bias, self.last['counts'], self.R, self.router['K']
        if rule['kind'] == 'sign':
            move = rule['rate'] * torch.sign(c.sum() - R * c).to(b)
            b += move - move.mean() if rule['centre'] else move
        elif rule['kind'] == 'quantile' and K < R:
            level = self.last['value'].sort(dim=1, descending=True)[0][:, K : K + 1]
            need = world.gather(level - self.last['scores']).sort(dim=0)[0]
            at = K / R * (len(need) - 1)
            low = need[math.floor(at)]
            q = low + (at - math.floor(at)) * (need[min(math.floor(at) + 1, len(need) - 1)] - low)
            b.copy_(rule['smoothing'] * b + (1 - rule['smoothing']) * q)
            b -= b.mean()
        elif rule['kind'] == 'budget':
            ffn, k = self.ffn.to(b.device), min(K, R)
            move = rule['computing'] / (k * int(ffn.sum())) - c / (k * self.last['T'])
            b += rule['rate'] * move * ffn


def expert_of(slots, r):
    """FFN expert whose weights slot r uses, −1 where it computes nothing."""
    if slots[r]['kind'] == 'negated':
        return slots[r]['of']
    return sum(slot['kind'] == 'ffn' for slot in slots[:r]) if slots[r]['kind'] == 'ffn' else -1


# -- experts ------------------------------------------------------------------------------------

class MoeLayer(nn.Module):
    def __init__(self, config, l, index, previous, world):
        super().__init__()
        D, experts = config['model']['D'], config['experts']
        self.slots = slots_of(experts, l)
        self.world = world
        self.router = Router(config, l, index, self.slots, previous)
        hidden = [slot['hidden'] for slot in self.slots if slot['kind'] == 'ffn']
        own = [e for e in range(len(hidden)) if not world.shard or e % world.size == world.rank]
        self.E = len(hidden)
        self.experts = nn.ModuleDict({str(e): SwiGlu(D, hidden[e]) for e in own})
        constants = sum(slot['kind'] == 'constant' for slot in self.slots)
        if constants:
            self.constants = nn.ModuleList(Constant(D) for _ in range(constants))
        if experts.get('sharedHidden'):
            self.shared = SwiGlu(D, experts['sharedHidden'])
        expert = torch.tensor([expert_of(self.slots, r) for r in range(len(self.slots))])
        sign = torch.tensor([-1.0 if slot['kind'] == 'negated' else 1.0 for slot in self.slots])
        self.register_buffer('expert', expert, persistent=False)
        self.register_buffer('sign', sign, persistent=False)

    def forward(self, m, z_prev, tokens, mode):
        routing, terms = self.router(m, z_prev, tokens, mode, self.world)
        selected, kept = routing['selected'], routing['kept']
        y = self.shared(m) if hasattr(self, 'shared') else torch.zeros_like(m)
        slot = selected.clamp(min=0)
        weight = routing['gates'].gather(1, slot) * kept
        y = y + self.computed(m, slot, weight * self.sign[slot], kept & (self.expert[slot] >= 0))
        c = 0
        for r, of in enumerate(self.slots):
            if of['kind'] not in ('copy', 'constant'):
                continue
            t = ((slot == r) & kept).any(1).nonzero()[:, 0]
            g = (weight * (slot == r)).sum(1)[t, None]
            rows = m[t] if of['kind'] == 'copy' else self.constants[c](m[t])
            c += of['kind'] == 'constant'
            y = y.index_add(0, t, g * rows)
        return y, routing, terms

    def computed(self, m, slot, weight, isOn):
        """Σ g·E(m) over FFN slots: assignments sorted by expert, a product per expert over its own rows."""
        t, w = isOn.nonzero(as_tuple=True)
        expert = self.expert[slot[t, w]]
        size = self.world.size if self.world.shard else 1
        order = torch.sort(expert % size * self.E + expert // size, stable=True)[1]
        t, w, expert = t[order], w[order], expert[order]
        count = torch.bincount(expert, minlength=self.E)
        rows = m[t]
        out = self.products(rows, count) if size == 1 else self.elsewhere(rows, count)
        return torch.zeros_like(m).index_add(0, t, weight[t, w, None] * out)

    def products(self, rows, count):
        """Rows sorted by expert, `count` [E] of each."""
        parts = rows.split(count.tolist())
        out = [self.experts[str(e)](part) for e, part in enumerate(parts) if len(part)]
        return torch.cat(out) if out else rows[:0]

    def elsewhere(self, rows, count):
        """The same where experts belong to processes: rows go there and come back."""
        size = self.world.size
        own = [[e for e in range(self.E) if e % size == p] for p in range(size)]
        widest = max(map(len, own))
        table = torch.zeros(size, widest, dtype=torch.int64, device=rows.device)
        for p, experts in enumerate(own):
            table[p, : len(experts)] = count[experts]
        arriving = torch.empty_like(table)
        torch.distributed.all_to_all_single(arriving, table)
        send, receive = table.sum(1).tolist(), arriving.sum(1).tolist()
        came = Exchange.apply(rows, send, receive)
        # Sorted by process, then by expert; here the expert comes first.
        place = torch.arange(widest, device=rows.device).repeat(size)
        expert = place.repeat_interleave(arriving.reshape(-1))
        order = torch.sort(expert, stable=True)[1]
        here = [self.experts[str(e)] for e in own[self.world.rank]]
        parts = came[order].split(arriving.sum(0).tolist()[: len(here)])
        out = torch.cat([of(part) for of, part in zip(here, parts)]) if here else came
        return Exchange.apply(out[torch.argsort(order)], receive, send)


# -- the network --------------------------------------------------------------------------------

def slots_of(experts, l):
    return (experts.get('perLayer') or {}).get(str(l), experts['slots'])


def moe_layers(model):
    every, kind = range(model['L']), model['arrangement']
    if isinstance(kind, list):
        return sorted(kind)
    first = {'dense': [], 'full': every, '1dense': every[1:], 'interleave': every[1::2]}
    return list(first[kind])


class Layer(nn.Module):
    def __init__(self, config, l, index, previous, world):
        super().__init__()
        model = config['model']
        self.attn_norm = RmsNorm(model['D'], model['normEps'])
        self.attn = Attention(model)
        self.ffn_norm = RmsNorm(model['D'], model['normEps'])
        if index is None:
            self.ffn = SwiGlu(model['D'], model['denseHidden'])
        else:
            self.moe = MoeLayer(config, l, index, previous, world)


class Model(nn.Module):
    """`config`: the experiment, with `model.V` a number and `seed` (of drops and pools)."""

    def __init__(self, config, world=None):
        super().__init__()
        self.config, self.world = config, world or World()
        model = config['model']
        self.embed = nn.Embedding(model['V'], model['D'])
        layers, previous = moe_layers(model), None
        self.layers = nn.ModuleList()
        for l in range(model['L']):
            index = layers.index(l) if l in layers else None
            self.layers.append(Layer(config, l, index, previous, self.world))
            if index is not None:
                previous = len(slots_of(config['experts'], l))
        self.final_norm = RmsNorm(model['D'], model['normEps'])
        if not model['tied']:
            self.head = nn.Linear(model['D'], model['V'], bias=False)

    def routers(self):
        return [layer.moe.router for layer in self.layers if hasattr(layer, 'moe')]

    def forward(self, tokens, mode):
        """Whole sequences [B, S] → logits [B·S, V], auxiliary terms summed over layers, routing by layer."""
        S, ids = tokens.shape[1], tokens.reshape(-1)
        x, z, aux, routing = self.embed(ids), None, {}, {}
        for l, layer in enumerate(self.layers):
            x = x + layer.attn(layer.attn_norm(x), S)
            m = layer.ffn_norm(x)
            if hasattr(layer, 'ffn'):
                x = x + layer.ffn(m)
                continue
            y, routing[l], terms = layer.moe(m, z, ids, mode)
            x, z = x + y, routing[l]['z']
            for name, value in terms.items():
                aux[name] = aux.get(name, 0) + value
        x = self.final_norm(x)
        head = self.embed.weight if self.config['model']['tied'] else self.head.weight
        return x @ head.T, aux, routing

    def losses(self, tokens, targets, mode):
        """Own tokens' share of every term and of their sum; summed over processes they are the batch's."""
        logits, aux, routing = self(tokens, mode)
        T = targets.numel() * self.world.size
        ce = F.cross_entropy(logits, targets.reshape(-1), reduction='sum') / T
        return {'ce': ce, **aux, 'total': ce + sum(aux.values())}, logits, routing
