"""The encoder in PyTorch."""

import torch
from torch import nn
from torch.nn import functional

from serving import ADAM_EPSILON, BETAS, LEARNING_RATE, NORM_EPSILON, Peer, threads


class Layer(nn.Module):
    """Attention and a feed-forward network, each added and normalised. nn.TransformerEncoderLayer computes the same, a
    little slower."""

    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, NORM_EPSILON)
        self.expand = nn.Linear(width, hidden)
        self.contract = nn.Linear(hidden, width)
        self.feed_forward_norm = nn.LayerNorm(width, NORM_EPSILON)

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.query_key_value(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value)
        attended = attended.transpose(1, 2).reshape(batch, length, width)
        x = self.attention_norm(x + self.output(attended))
        return self.feed_forward_norm(x + self.contract(functional.relu(self.expand(x))))


class Encoder(nn.Module):
    def __init__(self, case):
        super().__init__()
        self.tokens = nn.Embedding(case.vocabulary, case.width)
        self.positions = nn.Parameter(torch.empty(case.ids.shape[1], case.width))
        self.layers = nn.ModuleList(Layer(case.width, case.heads, case.hidden) for _ in range(case.layers))
        self.head = nn.Linear(case.width, case.vocabulary)

    def forward(self, ids):
        x = self.tokens(ids) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


def loss_of(model, ids, targets):
    logits = model(ids)
    return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


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
            found.append((f"{ours}attention.{name}.weight", theirs + "query_key_value.weight", True, third))
            found.append((f"{ours}attention.{name}.bias", theirs + "query_key_value.bias", False, third))
        found += linear(ours + "attention.output", theirs + "output")
        found += norm(ours + "attention_norm", theirs + "attention_norm")
        found += linear(ours + "feed_forward.expand", theirs + "expand")
        found += linear(ours + "feed_forward.contract", theirs + "contract")
        found += norm(ours + "feed_forward_norm", theirs + "feed_forward_norm")
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
