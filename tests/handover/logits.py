"""Logits of the next batch, of a folder that was handed over, into logits.safetensors: python3 logits.py (in the folder)."""
import sys
from pathlib import Path

import torch

sys.path.insert(0, '.')
from model import Mode, World  # noqa: E402
from train import Given, Trainer, write_tensors  # noqa: E402

trainer = Trainer(Path('.'), World(), torch.device('cpu'))
step = trainer.step + 1
tokens, targets = Given('batches.safetensors', trainer.step).batch(step)
with torch.no_grad():
    _, logits, _ = trainer.net.losses(tokens, targets, Mode(step))
write_tensors('logits.safetensors', {'logits': logits}, {})
