"""Writes keras_layers.safetensors: an encoder of Dense layers and a MultiHeadAttention, and what they give."""
import keras
import numpy
from keras import layers, ops
from safetensors.numpy import save_file

WIDTH, HEADS, HIDDEN, LAYERS, KINDS, LENGTH, BATCH = 6, 2, 10, 2, 7, 5, 2
random = numpy.random.default_rng(7)


class SelfAttention(layers.Layer):
    def __init__(self):
        super().__init__()
        self.query_dense, self.key_dense = layers.Dense(WIDTH), layers.Dense(WIDTH)
        self.value_dense, self.combine_heads = layers.Dense(WIDTH), layers.Dense(WIDTH)

    def call(self, x):
        def heads(y):
            return ops.transpose(ops.reshape(y, (BATCH, LENGTH, HEADS, WIDTH // HEADS)), (0, 2, 1, 3))

        query, key, value = heads(self.query_dense(x)), heads(self.key_dense(x)), heads(self.value_dense(x))
        scores = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) / (WIDTH // HEADS) ** 0.5
        merged = ops.transpose(ops.matmul(ops.softmax(scores), value), (0, 2, 1, 3))
        return self.combine_heads(ops.reshape(merged, (BATCH, LENGTH, WIDTH)))


class TransformerBlock(layers.Layer):
    def __init__(self):
        super().__init__()
        self.att = SelfAttention()
        self.ffn = keras.Sequential([layers.Dense(HIDDEN, activation="relu"), layers.Dense(WIDTH)])
        self.layernorm1 = layers.LayerNormalization(epsilon=1e-6)
        self.layernorm2 = layers.LayerNormalization(epsilon=1e-6)

    def call(self, x):
        x = self.layernorm1(x + self.att(x))
        return self.layernorm2(x + self.ffn(x))


class TransformerModel(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding, self.pos_embedding = layers.Embedding(KINDS, WIDTH), layers.Embedding(LENGTH, WIDTH)
        self.transformer_blocks = [TransformerBlock() for _ in range(LAYERS)]
        self.dense = layers.Dense(KINDS)

    def call(self, ids):
        x = self.embedding(ids) + self.pos_embedding(ops.arange(LENGTH))
        for block in self.transformer_blocks:
            x = block(x)
        return self.dense(x)


def randomize(layer):
    for variable in layer.weights:
        variable.assign(random.normal(0, 0.5, variable.shape))


def named(layer, path):
    """The layer's variables by the path of attributes that leads to them."""
    if isinstance(layer, layers.Embedding):
        return {path: ops.convert_to_numpy(layer.embeddings)}
    if isinstance(layer, (layers.Dense, layers.LayerNormalization)):
        return {f"{path}.{variable.name}": ops.convert_to_numpy(variable) for variable in layer.weights}
    if isinstance(layer, keras.Sequential):
        layer = layer.layers
    names = "embedding pos_embedding transformer_blocks dense att ffn layernorm1 layernorm2".split()
    names += "query_dense key_dense value_dense combine_heads".split()
    inside = enumerate(layer) if isinstance(layer, list) else ((n, getattr(layer, n)) for n in names if hasattr(layer, n))
    found = {}
    for name, child in inside:
        found |= named(child, f"{path}.{name}")
    return found


ids = random.integers(0, KINDS, (BATCH, LENGTH)).astype("int32")
model = TransformerModel()
model(ids)
randomize(model)
file = {"ids": ids, "logits": ops.convert_to_numpy(model(ids))} | named(model, "model")

x = random.normal(size=(BATCH, LENGTH, WIDTH)).astype("float32")
attention = layers.MultiHeadAttention(HEADS, WIDTH // HEADS, name="attention")
attention(x, x)
randomize(attention)
file |= {"x": x, "attended": ops.convert_to_numpy(attention(x, x))}
file |= {variable.path: ops.convert_to_numpy(variable) for variable in attention.weights}
save_file(file, "keras_layers.safetensors", {"keras": keras.__version__, "backend": keras.backend.backend()})
