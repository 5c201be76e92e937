"""Whether a worker computes in float what ctgrad computes in double."""

from dataclasses import dataclass

import numpy
from safetensors.numpy import load_file

TOLERANCE = 1e-4  # of the loss, relative; of a gradient, relative to its largest element
TRAINED_TOLERANCE = 1e-3  # of the loss after some steps of Adam, relative
STEPS = 5


@dataclass
class Computed:
    """What a worker computed of a configuration. Peers that do not train have neither gradients nor trained loss."""

    forward: float
    loss: float = None
    gradients: dict = None
    trained: float = None


def compute(worker, trains, file):
    """Asks a worker for all of it; throws WorkerFailed. `file` is written in between."""
    forward = worker.ask("forward")
    if not trains:
        return Computed(forward)
    loss = worker.ask(f"gradients {file}")
    gradients = load_file(file)
    file.unlink()
    return Computed(forward, loss, gradients, worker.ask(f"train {STEPS}"))


def scale_of(gradients, name):
    """What errors of a gradient are measured against. All keys of a head may be shifted without a change of the loss:
    the gradients of the keys' biases are 0 but for rounding, and those of their weights stand for them."""
    if name.endswith("attention.key.bias"):
        name = name.removesuffix("bias") + "weight"
    return numpy.abs(gradients[name]).max()


def gradient_error(expected, got):
    """The largest error of all gradients, and the gradient that has it."""
    errors = {
        name: float(numpy.abs(got[name] - expected[name]).max() / scale_of(expected, name)) for name in expected
    }
    name = max(errors, key=lambda name: errors[name] if errors[name] == errors[name] else numpy.inf)
    return errors[name], name


def loss_error(expected, got):
    return abs(got - expected) / abs(expected)


def shapes(gradients):
    return {(name, array.shape) for name, array in gradients.items()}


def agreement(expected, got):
    """The worst errors in words, and what is wrong (None if nothing is)."""
    forward = loss_error(expected.forward, got.forward)
    said = f"loss {got.forward:.7f}, off by {forward:.1e}"
    wrong = None if forward <= TOLERANCE else f"the loss is {got.forward:.7f}, not {expected.forward:.7f}"
    if got.gradients is None:
        return said, wrong
    strangers = {name for name, _ in shapes(got.gradients) ^ shapes(expected.gradients)}
    if strangers:
        return said, "it has other parameters or shapes: " + ", ".join(sorted(strangers))
    loss = loss_error(expected.loss, got.loss)
    error, name = gradient_error(expected.gradients, got.gradients)
    trained = loss_error(expected.trained, got.trained)
    said += f"; gradients by {error:.1e} ({name}); loss at step {STEPS} by {trained:.1e}"
    # Errors that are no numbers are none that a bar allows.
    if not loss <= TOLERANCE:
        wrong = wrong or f"the loss of a step is {got.loss:.7f}, not {expected.loss:.7f}"
    if not error <= TOLERANCE:
        wrong = wrong or f"the gradient of {name} is off by {error:.1e} of its largest element (bar {TOLERANCE:g})"
    if not trained <= TRAINED_TOLERANCE:
        wrong = wrong or f"the loss at step {STEPS} is {got.trained:.7f}, not {expected.trained:.7f}"
    return said, wrong
