"""PyTorch, eager."""

from serving import serve
from torch_model import TorchPeer, loss_of

serve(lambda case: TorchPeer(case, loss_of))
