"""Writes the files of numpy/, which tests/io/npy.cpp and npz.cpp read: python3 numpy_arrays.py [FOLDER]"""

import pathlib
import sys
import zipfile

import numpy as np
from numpy.lib import format as npy

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "numpy")
folder.mkdir(exist_ok=True)

counted = np.arange(24).reshape(2, 3, 4)
real = counted / 8 - 1


def save(name, array, version=None):
    with open(folder / f"{name}.npy", "wb") as file:
        npy.write_array(file, np.asanyarray(array), version=version)


for code in ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]:
    save(code, (real if code[0] == "f" else counted).astype(code))
save("b1", counted % 3 == 0)
save("c8", (real - 1j * counted).astype("c8"))
save("big_f4", real.astype(">f4"))
save("big_i8", counted.astype(">i8"))
save("big_c8", (real - 1j * counted).astype(">c8"))
save("columns", np.asfortranarray(real))
save("big_columns", np.asfortranarray(counted.astype(">i4")))
save("scalar", np.float64(0.25))
save("empty", np.zeros((3, 0, 2), "f4"))
save("version_2", real, (2, 0))
save("version_3", real, (3, 0))
save("text", np.array(["one", "three"]))
save("records", np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]))

arrays = {"weights": real, "layer/ids": counted.astype("i4"), "größe": np.float32(3), "columns": np.asfortranarray(real)}
np.savez(folder / "stored.npz", **arrays)
np.savez_compressed(folder / "deflated.npz", **arrays)


class Stream:
    """A file that cannot be read or wound back: sizes come behind the contents of every entry."""

    def __init__(self, path):
        self.file = open(path, "wb")

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        self.file.flush()


with zipfile.ZipFile(Stream(folder / "streamed.npz"), "w", zipfile.ZIP_DEFLATED) as archive:
    for name in ["weights", "columns"]:
        with archive.open(f"{name}.npy", "w") as file:
            npy.write_array(file, arrays[name])
    archive.comment = b"a comment behind the directory"
