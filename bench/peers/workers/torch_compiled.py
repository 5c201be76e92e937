"""PyTorch, by torch.compile."""

import torch

from serving import serve
from torch_model import TorchPeer, loss_of

serve(lambda case: TorchPeer(case, torch.compile(loss_of, dynamic=False)))
