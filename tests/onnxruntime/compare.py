"""Checks ONNX files and runs them in ONNX Runtime beside what ctgrad computes of the same inputs.

usage: compare.py FOLDER        FOLDER was written by the program onnx_export
"""

import collections
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

BAR = 1e-5


def difference(got, expected):
    """The largest |got - expected|, as a share of |expected| where that is above 1."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return float("inf"), f"{got.dtype} {list(got.shape)} instead of {expected.dtype} {list(expected.shape)}"
    a, b = got.astype(np.float64), expected.astype(np.float64)
    with np.errstate(invalid="ignore"):
        apart = np.abs(a - b) / np.maximum(1, np.abs(b))
    each = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0, apart)
    return float(np.max(np.nan_to_num(each, nan=np.inf, posinf=np.inf), initial=0)), ""


def run(folder, name):
    """The largest difference of a program's outputs, and what is wrong, if anything is."""
    path = folder / f"{name}.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    with np.load(folder / f"{name}.npz") as arrays:
        inputs = {port.name: arrays["in " + port.name] for port in session.get_inputs()}
        outputs = session.run(None, inputs)
        largest, worst = 0.0, ""
        for port, got in zip(session.get_outputs(), outputs):
            each, why = difference(got, arrays["out " + port.name])
            if each > largest:
                largest, worst = each, f"{port.name}: {why or f'differs by {each:.2e}'}"
    return largest, worst


def main(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    programs = manifest["programs"]
    largest = collections.defaultdict(float)  # by sort
    of_operation = collections.defaultdict(float)
    failed, written = [], 0
    for program in programs:
        name, failure = program["name"], program["failure"]
        written += not failure
        if not failure:
            try:
                each, worst = run(folder, name)
                failure = worst if each > BAR else ""
                largest[program["sort"]] = max(largest[program["sort"]], each)
                if program["sort"] == "operation":
                    of_operation[program["of"]] = max(of_operation[program["of"]], each)
                else:
                    print(f"{program['sort']:10} {name:24} largest difference {each:.1e}")
            except Exception as error:  # whatever checker and runtime throw is a finding
                failure = str(error).splitlines()[0]
        if failure:
            failed.append(program)
            print(f"{name}: {failure}")
    tried = {program["of"] for program in programs if program["sort"] == "operation"}
    lacking = {program["of"] for program in failed if program["sort"] == "operation"}
    covered = [name for name in manifest["operations"] if name in tried - lacking]
    for name in sorted(of_operation, key=of_operation.get)[-5:]:
        print(f"operation  {name:24} largest difference {of_operation[name]:.1e}")
    missing = [name for name in manifest["operations"] if name not in covered]
    if missing:
        print("operations without a counterpart that holds: " + " ".join(missing))
    ok = programs and not failed and not missing
    print(
        f"onnx: {'ok' if ok else 'FAILED'} ({written} programs exported of {len(programs)}, "
        f"{len(programs) - len(failed)} equal in ONNX Runtime {onnxruntime.__version__}, "
        f"{len(covered)} operations covered of {len(manifest['operations'])}, largest difference "
        f"{max(largest.values(), default=0):.1e}, of training steps {largest['training']:.1e}; bar {BAR:.0e})"
    )
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
