"""ONNX Runtime: the forward pass alone."""

import numpy
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from serving import NORM_EPSILON, Peer, serve, threads


class GraphWriter:
    """Collects the nodes of an ONNX graph; parameters are constants of it."""

    def __init__(self, case):
        self.case = case
        self.nodes = []
        self.constants = {}

    def node(self, kind, inputs, domain="", **attributes):
        output = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def constant(self, name, array):
        self.constants[name] = numpy_helper.from_array(numpy.ascontiguousarray(array), name)
        return name

    def parameter(self, name):
        return self.constant(name, self.case.parameters[name])

    def dense(self, name, x):
        product = self.node("MatMul", [x, self.parameter(name + ".weight")])
        return self.node("Add", [product, self.parameter(name + ".bias")])

    def norm(self, name, x):
        scale, shift = self.parameter(name + ".scale"), self.parameter(name + ".shift")
        return self.node("LayerNormalization", [x, scale, shift], epsilon=NORM_EPSILON)

    def attention(self, name, x):
        """By ONNX Runtime's own operation, to which its tools fuse what PyTorch exports."""
        named = self.case.parameters
        parts = [f"{name}.{part}." for part in ("query", "key", "value")]
        weight = numpy.concatenate([named[part + "weight"] for part in parts], axis=1)
        bias = numpy.concatenate([named[part + "bias"] for part in parts])
        inputs = [x, self.constant(name + ".weights", weight), self.constant(name + ".biases", bias)]
        attended = self.node("Attention", inputs, "com.microsoft", num_heads=self.case.heads)
        return self.dense(name + ".output", attended)

    def layer(self, name, x):
        attended = self.attention(name + ".attention", x)
        x = self.norm(name + ".attention_norm", self.node("Add", [x, attended]))
        hidden = self.node("Relu", [self.dense(name + ".feed_forward.expand", x)])
        contracted = self.dense(name + ".feed_forward.contract", hidden)
        return self.norm(name + ".feed_forward_norm", self.node("Add", [x, contracted]))

    def mean_cross_entropy(self, logits):
        """Of `targets` [batch, length, 1]."""
        log_probabilities = self.node("LogSoftmax", [logits], axis=2)
        chosen = self.node("GatherElements", [log_probabilities, "targets"], axis=2)
        return self.node("Neg", [self.node("ReduceMean", [chosen], keepdims=0)])

    def model(self):
        batch, length = self.case.ids.shape
        x = self.node("Gather", [self.parameter("tokens.table"), "ids"])
        x = self.node("Add", [x, self.parameter("positions.table")])
        for i in range(self.case.layers):
            x = self.layer(f"encoder.layers.{i}", x)
        loss = self.mean_cross_entropy(self.dense("head", x))
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT32, [batch, length]),
            helper.make_tensor_value_info("targets", TensorProto.INT32, [batch, length, 1]),
        ]
        outputs = [helper.make_tensor_value_info(loss, TensorProto.FLOAT, [])]
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self.constants.values()))
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


class OnnxPeer(Peer):
    version = "ONNX Runtime " + onnxruntime.__version__

    def __init__(self, case):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads()
        options.inter_op_num_threads = 1
        model = GraphWriter(case).model().SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.inputs = {"ids": case.ids, "targets": case.targets[..., None]}

    def forward(self):
        return self.session.run(None, self.inputs)[0]


serve(OnnxPeer)
