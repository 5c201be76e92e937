"""Keras on TensorFlow, by XLA: a step is one tf.function with jit_compile."""

import keras
import tensorflow as tf
from keras import layers

from serving import ADAM_EPSILON, BETAS, LEARNING_RATE, NORM_EPSILON, Peer, serve, threads


class Positions(layers.Layer):
    """Adds row t of a learned table to token t."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], name="table")

    def call(self, x):
        return x + self.table


def make_model(case):
    """The model, and its layers by the beginnings of ctgrad's names."""
    named = {"tokens": layers.Embedding(case.vocabulary, case.width), "positions": Positions()}
    ids = keras.Input(batch_shape=case.ids.shape, dtype="int32")
    x = named["positions"](named["tokens"](ids))
    for i in range(case.layers):
        own = {
            "attention": layers.MultiHeadAttention(case.heads, case.width // case.heads),
            "attention_norm": layers.LayerNormalization(epsilon=NORM_EPSILON),
            "feed_forward.expand": layers.Dense(case.hidden, activation="relu"),
            "feed_forward.contract": layers.Dense(case.width),
            "feed_forward_norm": layers.LayerNormalization(epsilon=NORM_EPSILON),
        }
        x = own["attention_norm"](x + own["attention"](x, x))
        x = own["feed_forward_norm"](x + own["feed_forward.contract"](own["feed_forward.expand"](x)))
        named |= {f"encoder.layers.{i}.{name}": layer for name, layer in own.items()}
    named["head"] = layers.Dense(case.vocabulary)
    return keras.Model(ids, named["head"](x)), named


def variables_of(named):
    """The model's variables by ctgrad's names."""
    found = {"tokens.table": named["tokens"].embeddings, "positions.table": named["positions"].table}
    for name, layer in named.items():
        if isinstance(layer, layers.Dense):
            found |= {name + ".weight": layer.kernel, name + ".bias": layer.bias}
        if isinstance(layer, layers.LayerNormalization):
            found |= {name + ".scale": layer.gamma, name + ".shift": layer.beta}
        if isinstance(layer, layers.MultiHeadAttention):
            parts = {"query": layer.query_dense, "key": layer.key_dense, "value": layer.value_dense}
            for part, dense in (parts | {"output": layer.output_dense}).items():
                found |= {f"{name}.{part}.weight": dense.kernel, f"{name}.{part}.bias": dense.bias}
    return found


class KerasPeer(Peer):
    version = f"Keras {keras.__version__} on TensorFlow {tf.__version__}"

    def __init__(self, case):
        tf.config.threading.set_intra_op_parallelism_threads(threads())
        tf.config.threading.set_inter_op_parallelism_threads(threads())
        self.case = case
        self.model, named = make_model(case)
        self.variables = variables_of(named)
        self.batch = tf.constant(case.ids), tf.constant(case.targets)
        self.adam = keras.optimizers.Adam(LEARNING_RATE, *BETAS, epsilon=ADAM_EPSILON)
        self.adam.build(self.model.trainable_variables)
        self.compile()
        self.reset()

    def compile(self):
        cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

        def loss(ids, targets):
            return cross_entropy(targets, self.model(ids, training=True))

        def loss_and_gradients(ids, targets):
            with tf.GradientTape() as tape:
                value = loss(ids, targets)
            # An embedding's gradient comes as a list of rows: added up first, as Adam needs it, which squares them.
            gradients = tape.gradient(value, self.model.trainable_variables)
            return value, [tf.convert_to_tensor(gradient) for gradient in gradients]

        def step(ids, targets):
            value, gradients = loss_and_gradients(ids, targets)
            self.adam.apply_gradients(zip(gradients, self.model.trainable_variables))
            return value

        self.loss = tf.function(loss, jit_compile=True)
        self.loss_and_gradients = tf.function(loss_and_gradients, jit_compile=True)
        self.compiled_step = tf.function(step, jit_compile=True)

    def reset(self):
        for name, variable in self.variables.items():
            variable.assign(self.case.parameters[name].reshape(variable.shape))
        for variable in self.adam.variables:
            if variable is not self.adam.learning_rate:
                variable.assign(tf.zeros_like(variable.value))

    def forward(self):
        return self.loss(*self.batch).numpy()

    def step(self):
        return self.compiled_step(*self.batch).numpy()

    def gradients(self):
        self.reset()
        value, gradients = self.loss_and_gradients(*self.batch)
        names = {id(variable): name for name, variable in self.variables.items()}
        found = {}
        for variable, gradient in zip(self.model.trainable_variables, gradients):
            name = names[id(variable)]
            found[name] = gradient.numpy().reshape(self.case.parameters[name].shape)
        return value.numpy(), found


serve(KerasPeer)
