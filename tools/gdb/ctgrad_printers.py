"""gdb's pretty-printers for ctgrad: `source PREFIX/share/ctgrad/gdb/ctgrad_printers.py` in gdb or in ~/.gdbinit.

    Shape, Type               [2, 3]        index [8]
    Node, Value               %3 = add %1 %2 [2, 3]
    Graph                     4 nodes, outputs %3, and the nodes
    Tensor, Index, Mask       Tensor [2, 3], %3        (while a function is traced)
    results and named arrays  [2, 3] {1, 2, 3, 4, 5, 6}
    Parameters, State, gradients: the names, shapes and first numbers of their arrays
"""

import re

import gdb
import gdb.printing

SHOWN = 8  # elements of an array
ALIGNMENT = 64  # bytes: where the arrays of a flat buffer begin
KINDS = ("", "index ", "mask ")
NAMES = ("Tensor", "Index", "Mask")


def bracketed(extents):
    return "[" + ", ".join(str(extent) for extent in extents) + "]"


def extents_of(shape):
    return [int(shape["extents"][axis]) for axis in range(int(shape["rank"]))]


def type_text(value):
    return KINDS[int(value["kind"])] + bracketed(extents_of(value["shape"]))


def text_of(view):
    """A std::string_view."""
    return view["_M_str"].string(length=int(view["_M_len"]))


def node_text(node):
    words = [text_of(node["operation"].dereference()["name"])]
    words += ["%" + str(int(node["operands"][i])) for i in range(int(node["operand_count"]))]
    if words[0] == "constant":
        words.append(str(node["attributes"]["value"]))
    return " ".join(words + [type_text(node["type"])])


def element_text(element):
    plain = element.type.strip_typedefs().unqualified()
    if plain.sizeof == 1:
        return str(int(element))
    return str(element)


def elements_text(data, extents):
    """The first elements of a dense array."""
    size = 1
    for extent in extents:
        size *= extent
    shown = [element_text(data[i]) for i in range(min(size, SHOWN))]
    return bracketed(extents) + " {" + ", ".join(shown + (["..."] if size > SHOWN else [])) + "}"


def members(value, name):
    """Every member of that name, those of base classes included."""
    for field in value.type.strip_typedefs().fields():
        if field.is_base_class:
            yield from members(value.cast(field.type), name)
        elif field.name == name:
            yield value[field]


class Plain:
    """What is one line of text."""

    def __init__(self, value):
        self.value = value


class ShapePrinter(Plain):
    def to_string(self):
        return bracketed(extents_of(self.value))


class TypePrinter(Plain):
    def to_string(self):
        return type_text(self.value)


class NodePrinter(Plain):
    def to_string(self):
        return node_text(self.value)


class ValuePrinter(Plain):
    def to_string(self):
        graph, number = self.value["graph"], int(self.value["id"])
        if int(graph) == 0 or number < 0:
            return "absent"
        return "%" + str(number) + " = " + node_text(graph["nodes_"]["data_"][number])


class GraphPrinter(Plain):
    def to_string(self):
        outputs = self.value["outputs"]["_M_impl"]
        begin, count = outputs["_M_start"], int(outputs["_M_finish"] - outputs["_M_start"])
        ids = "".join(" %" + str(int(begin[i])) for i in range(count))
        return str(int(self.value["nodes_"]["size_"])) + " nodes, outputs" + (ids or " none")

    def children(self):
        nodes = self.value["nodes_"]
        for number in range(int(nodes["size_"])):
            yield "%" + str(number), node_text(nodes["data_"][number])

    def display_hint(self):
        return None


ARRAY = re.compile(r"^ctgrad::Array<\(ctgrad::Kind\)(\d)((?:, \d+)*)>$|^ctgrad::Array<ctgrad::Kind::(\w+)((?:, \d+)*)>$")


def array_of(kind_of_type):
    """Kind and extents of a traced array's type, or of one that derives from it, as parameters do."""
    plain = kind_of_type.strip_typedefs().unqualified()
    match = ARRAY.match((plain.name or "").replace("l,", ",").replace("l>", ">"))
    if match:
        kind = int(match[1]) if match[1] else ("real", "index", "mask").index(match[3])
        return kind, [int(extent) for extent in re.findall(r"\d+", match[2] or match[4] or "")]
    if plain.code == gdb.TYPE_CODE_STRUCT:
        for field in plain.fields():
            if field.is_base_class:
                found = array_of(field.type)
                if found:
                    return found
    return None


class ArrayPrinter(Plain):
    """A traced tensor, or a literal that has not met one."""

    def to_string(self):
        kind, extents = array_of(self.value.type)
        node = self.value["value"]
        where = "%" + str(int(node["id"])) if int(node["graph"]) else "literal"
        return NAMES[kind] + " " + bracketed(extents) + ", " + where


class ArrayViewPrinter(Plain):
    """A result, or a named array of parameters."""

    def to_string(self):
        shape = next(members(self.value, "m_shape"))
        data = next(members(self.value["storage_"], "p_data"))
        return elements_text(data, self.extents(shape))

    @staticmethod
    def extents(shape):
        fields = {field.name for field in shape.type.strip_typedefs().fields()}
        if "_M_elems" in fields:
            begin, end = shape["_M_elems"].type.strip_typedefs().range()
            return [int(shape["_M_elems"][i]) for i in range(begin, end + 1)]
        begin, end = next(members(shape, "m_begin")), next(members(shape, "m_end"))
        return [int(begin[i]) for i in range(int(end - begin))]


def leaves(tree, path=""):
    """The names and extents of the arrays of a model's type, in its order."""
    plain = tree.strip_typedefs().unqualified()
    found = array_of(plain)
    below = lambda name: path + "." + name if path else name
    if found:
        yield path, found[1]
    elif (plain.name or "").startswith("std::array<"):
        for i in range(int(plain.template_argument(1))):
            yield from leaves(plain.template_argument(0), below(str(i)))
    elif plain.code == gdb.TYPE_CODE_STRUCT:
        for field in plain.fields():
            if field.is_base_class:
                yield from leaves(field.type, path)
            elif hasattr(field, "bitpos"):  # static members have none
                yield from leaves(field.type, below(field.name))


class FlatPrinter:
    """Parameters, States and gradients: arrays one behind the other."""

    def __init__(self, value):
        plain = value.type.strip_typedefs()
        self.name = re.match(r"ctgrad::(\w+)", plain.name)[1]
        self.model = plain.template_argument(0)
        self.data = self.numbers(value, plain)
        self.arrays = list(leaves(self.model))

    @staticmethod
    def numbers(value, plain):
        for data in members(value, "data_"):
            return data
        unique = next(members(value, "arena_"))["memory_"]["memory_"]["_M_t"]
        for pointer in members(next(members(unique, "_M_t")), "_M_head_impl"):
            if pointer.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
                return pointer.cast(plain.template_argument(1).pointer())
        return None

    def to_string(self):
        words = self.name + " of " + str(self.model) + ", " + str(len(self.arrays)) + " arrays"
        return words + (", moved from" if int(self.data) == 0 else "")

    def children(self):
        offset = 0
        for name, extents in self.arrays:
            size = 1
            for extent in extents:
                size *= extent
            here = bracketed(extents) if int(self.data) == 0 else elements_text(self.data + offset, extents)
            yield name or "array", here
            bytes_here = size * self.data.type.target().sizeof
            offset += (bytes_here + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT // self.data.type.target().sizeof


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("ctgrad")
    for name, pattern, printer in (
        ("Shape", "^ctgrad::Shape$", ShapePrinter),
        ("Type", "^ctgrad::Type$", TypePrinter),
        ("Node", "^ctgrad::Node$", NodePrinter),
        ("Value", "^ctgrad::Value$", ValuePrinter),
        ("Graph", "^ctgrad::Graph$", GraphPrinter),
        ("Array", "^ctgrad::Array<", ArrayPrinter),
        ("ArrayView", "^ctgrad::ArrayView<", ArrayViewPrinter),
        ("Flat", "^ctgrad::(Parameters|State|FlatView)<", FlatPrinter),
    ):
        printers.add_printer(name, pattern, printer)
    gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)


register()
