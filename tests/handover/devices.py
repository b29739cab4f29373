"""The window of counts of a folder, on a device that is not the CPU: `meta` computes shapes alone, on every machine."""
import sys
from pathlib import Path

import torch

sys.path.insert(0, '.')
from model import Mode, World  # noqa: E402
from train import Trainer, gathered  # noqa: E402

trainer = Trainer(Path('.'), World(), torch.device('meta'))
net = trainer.net
T, term = trainer.config['batch']['B'] * trainer.config['batch']['S'], trainer.config['losses']['balance']
for router in net.routers():
    p = torch.zeros(T, router.R, device='meta')
    router.balance(term, p, p > 0, p, Mode(1), net.world)
    router.history = [*router.history, router.counted]
weights, _ = gathered(net, trainer.optimizer, net.world)
print([list(x.shape) for name, x in weights.items() if name.endswith('count_history')])
