"""The encoder in PyTorch, of the layers that it ships."""

import torch
from torch import nn

from serving import ADAM_EPSILON, BETAS, LEARNING_RATE, NORM_EPSILON, Peer, threads


class Encoder(nn.Module):
    def __init__(self, case):
        super().__init__()
        self.tokens = nn.Embedding(case.vocabulary, case.width)
        self.positions = nn.Parameter(torch.empty(case.ids.shape[1], case.width))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                case.width, case.heads, case.hidden, dropout=0.0, batch_first=True, layer_norm_eps=NORM_EPSILON
            )
            for _ in range(case.layers)
        )
        self.head = nn.Linear(case.width, case.vocabulary)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


def loss_of(model, ids, targets):
    logits = model(ids)
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def linear(ours, theirs):
    """Pairs of ctgrad's name and what holds its numbers: the parameter's name, whether transposed, which third."""
    return [(ours + ".weight", theirs + ".weight", True, None), (ours + ".bias", theirs + ".bias", False, None)]


def norm(ours, theirs):
    return [(ours + ".scale", theirs + ".weight", False, None), (ours + ".shift", theirs + ".bias", False, None)]


def places(layers):
    """Where each of ctgrad's parameters lies in the model."""
    found = [("tokens.table", "tokens.weight", False, None), ("positions.table", "positions", False, None)]
    for i in range(layers):
        ours, theirs = f"encoder.layers.{i}.", f"layers.{i}."
        for third, name in enumerate(("query", "key", "value")):
            found.append((f"{ours}attention.{name}.weight", theirs + "self_attn.in_proj_weight", True, third))
            found.append((f"{ours}attention.{name}.bias", theirs + "self_attn.in_proj_bias", False, third))
        found += linear(ours + "attention.output", theirs + "self_attn.out_proj")
        found += norm(ours + "attention_norm", theirs + "norm1")
        found += linear(ours + "feed_forward.expand", theirs + "linear1")
        found += linear(ours + "feed_forward.contract", theirs + "linear2")
        found += norm(ours + "feed_forward_norm", theirs + "norm2")
    return found + linear("head", "head")


def part(tensor, transposed, third):
    """The view of a tensor that one of ctgrad's parameters is."""
    if third is not None:
        tensor = tensor.chunk(3)[third]
    return tensor.T if transposed else tensor


class TorchPeer(Peer):
    """`loss_of` is the function of model, ids and targets that is timed."""

    def __init__(self, case, loss_of):
        torch.set_num_threads(threads())
        self.version = "PyTorch " + torch.__version__
        self.case = case
        self.loss_of = loss_of
        self.model = Encoder(case)
        self.places = places(case.layers)
        self.ids = torch.from_numpy(case.ids).long()
        self.targets = torch.from_numpy(case.targets).long()
        self.reset()

    def reset(self):
        parameters = dict(self.model.named_parameters())
        with torch.no_grad():
            for name, place, transposed, third in self.places:
                part(parameters[place], transposed, third).copy_(torch.from_numpy(self.case.parameters[name]))
        self.adam = torch.optim.Adam(
            self.model.parameters(), lr=LEARNING_RATE, betas=BETAS, eps=ADAM_EPSILON, fused=True
        )

    def forward(self):
        self.model.eval()
        with torch.inference_mode():
            return self.loss_of(self.model, self.ids, self.targets)

    def step(self):
        self.model.train()
        self.adam.zero_grad()
        loss = self.loss_of(self.model, self.ids, self.targets)
        loss.backward()
        self.adam.step()
        return loss.detach()

    def gradients(self):
        self.reset()
        self.model.train()
        loss = self.loss_of(self.model, self.ids, self.targets)
        loss.backward()
        parameters = dict(self.model.named_parameters())
        return loss.detach(), {
            name: part(parameters[place].grad, transposed, third).numpy()
            for name, place, transposed, third in self.places
        }
