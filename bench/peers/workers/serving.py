"""What the workers of all frameworks share: the file of weights and inputs, and the lines that they answer.

A worker is started as `NAME.py FILE`. It reads FILE, prints "ready" and its version, and then answers every line
on standard input with one line on standard output:

    forward           the loss
    gradients FILE    the loss; its gradients are written to FILE, by the names and in the layout of ctgrad
    train N           the loss of the last of N training steps, before its update
    time forward N    the median of the milliseconds that N calls take, behind one that is not timed
    time step N       the same of training steps

Training begins anew, with the weights of the file, in every answer.
"""

import gc
import os
import statistics
import sys
import time
from dataclasses import dataclass

import numpy
from safetensors import safe_open
from safetensors.numpy import save_file

LEARNING_RATE = 1e-3
BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8
NORM_EPSILON = 1e-6


def threads():
    """How many threads a peer may use: as many as the cores that it was pinned to."""
    return len(os.sched_getaffinity(0))


@dataclass
class Case:
    """A configuration: its parameters by ctgrad's names, a batch [batch, length], and its sizes."""

    parameters: dict
    ids: numpy.ndarray
    targets: numpy.ndarray
    heads: int

    @property
    def layers(self):
        return sum(name.endswith("attention.query.weight") for name in self.parameters)

    @property
    def width(self):
        return self.parameters["tokens.table"].shape[1]

    @property
    def hidden(self):
        return self.parameters["encoder.layers.0.feed_forward.expand.weight"].shape[1]

    @property
    def vocabulary(self):
        return self.parameters["tokens.table"].shape[0]


def read_case(path):
    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}
        heads = int(file.metadata()["heads"])
    return Case(ids=arrays.pop("ids"), targets=arrays.pop("targets"), parameters=arrays, heads=heads)


class Peer:
    """What every framework's worker can do. `forward` and `step` return when all is computed."""

    version = ""

    def forward(self):
        """The loss."""
        raise NotImplementedError

    def reset(self):
        """Begins training anew."""

    def step(self):
        """Forward, backward and Adam; gives the loss before the update, as the framework holds it."""
        raise NotImplementedError

    def gradients(self):
        """The loss and a dict of its gradients, numpy arrays by ctgrad's names."""
        raise NotImplementedError


def median_milliseconds(count, call):
    call()
    times = []
    gc.collect()
    gc.disable()
    for _ in range(count):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    gc.enable()
    return 1e3 * statistics.median(times)


def answer(peer, line):
    command, _, rest = line.strip().partition(" ")
    if command == "forward":
        return float(peer.forward())
    if command == "gradients":
        loss, gradients = peer.gradients()
        save_file({name: numpy.ascontiguousarray(array) for name, array in gradients.items()}, rest)
        return float(loss)
    peer.reset()
    if command == "train":
        return float([peer.step() for _ in range(int(rest))][-1])
    if command == "time":
        call, count = rest.split()
        return median_milliseconds(int(count), {"forward": peer.forward, "step": peer.step}[call])
    raise ValueError(f"no such line is answered: {line}")


def serve(make_peer):
    """Answers the driver until it closes standard input. `make_peer` makes a Peer of a Case."""
    peer = make_peer(read_case(sys.argv[1]))
    print("ready", peer.version, flush=True)
    for line in sys.stdin:
        print(f"{answer(peer, line):.9g}", flush=True)
