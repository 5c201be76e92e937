"""JAX, by jit: a step is one compiled function that takes over the memory of what it changes."""

import functools

import jax
import jax.numpy as jnp

from serving import ADAM_EPSILON, BETAS, LEARNING_RATE, NORM_EPSILON, Peer, serve


def dense(p, name, x):
    """On rows: XLA's products over several axes at once are slower."""
    rows = x.reshape(-1, x.shape[-1]) @ p[name + ".weight"] + p[name + ".bias"]
    return rows.reshape(*x.shape[:-1], -1)


def layer_norm(p, name, x):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + NORM_EPSILON) * p[name + ".scale"] + p[name + ".shift"]


def attention(p, name, heads, x):
    batch, length, width = x.shape

    def split(part):
        return dense(p, f"{name}.{part}", x).reshape(batch, length, heads, width // heads).transpose(0, 2, 1, 3)

    scores = split("query") @ split("key").swapaxes(-1, -2) * (width // heads) ** -0.5
    attended = (jax.nn.softmax(scores) @ split("value")).transpose(0, 2, 1, 3)
    return dense(p, name + ".output", attended.reshape(batch, length, width))


def feed_forward(p, name, x):
    return dense(p, name + ".contract", jax.nn.relu(dense(p, name + ".expand", x)))


def logits_of(p, layers, heads, ids):
    x = p["tokens.table"][ids] + p["positions.table"]
    for i in range(layers):
        layer = f"encoder.layers.{i}."
        x = layer_norm(p, layer + "attention_norm", x + attention(p, layer + "attention", heads, x))
        x = layer_norm(p, layer + "feed_forward_norm", x + feed_forward(p, layer + "feed_forward", x))
    return dense(p, "head", x)


def mean_cross_entropy(layers, heads, p, ids, targets):
    logits = logits_of(p, layers, heads, ids)
    chosen = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    return (jax.nn.logsumexp(logits, axis=-1) - chosen).mean()


def adam(p, gradients, state):
    """A step of Adam; `state` is the number of steps taken and two trees like `p`."""
    steps, mean, square = state
    steps = steps + 1
    beta1, beta2 = BETAS
    mean = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, mean, gradients)
    square = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, square, gradients)
    rate = LEARNING_RATE / (1 - beta1**steps)
    unbias = 1 / (1 - beta2**steps)
    p = jax.tree.map(lambda x, m, v: x - rate * m / (jnp.sqrt(v * unbias) + ADAM_EPSILON), p, mean, square)
    return p, (steps, mean, square)


class JaxPeer(Peer):
    version = "JAX " + jax.__version__

    def __init__(self, case):
        self.case = case
        loss = functools.partial(mean_cross_entropy, case.layers, case.heads)

        def step(p, state, ids, targets):
            value, gradients = jax.value_and_grad(loss)(p, ids, targets)
            return value, *adam(p, gradients, state)

        self.loss = jax.jit(loss)
        self.loss_and_gradients = jax.jit(jax.value_and_grad(loss))
        self.compiled_step = jax.jit(step, donate_argnums=(0, 1))
        self.batch = jnp.asarray(case.ids), jnp.asarray(case.targets)
        self.reset()

    def reset(self):
        self.p = jax.tree.map(lambda array: jnp.array(array, copy=True), self.case.parameters)
        mean, square = (jax.tree.map(jnp.zeros_like, self.p) for _ in range(2))
        self.state = jnp.float32(0), mean, square

    def forward(self):
        return self.loss(self.p, *self.batch).block_until_ready()

    def step(self):
        value, self.p, self.state = self.compiled_step(self.p, self.state, *self.batch)
        jax.block_until_ready((value, self.p, self.state))
        return value

    def gradients(self):
        self.reset()
        return jax.device_get(self.loss_and_gradients(self.p, *self.batch))


serve(JaxPeer)
