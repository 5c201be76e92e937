"""Times PyTorch's scaled_dot_product_attention beside bench_attention, case by case in turns, on one core."""

import argparse
import json
import subprocess
import sys
import time

import numpy
import torch
from torch.nn.functional import scaled_dot_product_attention

LENGTHS = (16, 100, 128, 512, 1024, 2048)
WIDTHS = (16, 32, 64)
HEADS = 4
LARGEST_DIFFERENCE = 1e-3  # of sums of many numbers, between the two programs
SHORTEST_SAMPLE, SHORTEST_CONTEST, FEWEST_SAMPLES = 200e-6, 0.05, 7


def drawn(count, stream):
    """The same numbers as bench_attention's."""
    word = (numpy.arange(1, count + 1, dtype=numpy.uint64) * 2654435761 + stream * 0x9E3779B9) % 2**32
    word = word.astype(numpy.uint32)
    return (word ^ word >> 15).astype(numpy.float32) * numpy.float32(2**-31) - numpy.float32(1)


class Ours:
    """bench_attention, asked for a case at a time."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def measure(self, length, width, causal):
        self.process.stdin.write(f"{length} {width} {int(causal)}\n")
        line = self.process.stdout.readline().split()
        if len(line) != 16:
            raise RuntimeError("bench_attention ended")
        numbers = [float(number) for number in line]
        ways = {
            name: dict(zip(("forward", "backward", "forward_share", "backward_share", "megabytes"), numbers[at : at + 5]))
            for name, at in (("fused", 0), ("plain", 5))
        }
        return ways, numbers[10], numbers[11:15], numbers[15]


def status_megabytes(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def median_seconds(run):
    begin = time.thread_time()
    run()
    repetitions = int(SHORTEST_SAMPLE / max(time.thread_time() - begin, 1e-9)) + 1
    samples = []
    while len(samples) < FEWEST_SAMPLES or sum(samples) * repetitions < SHORTEST_CONTEST:
        begin = time.thread_time()
        for _ in range(repetitions):
            run()
        samples.append((time.thread_time() - begin) / repetitions)
    return float(numpy.median(samples))


def measure_torch(length, width, causal):
    """Seconds forward and backward, megabytes besides operands and results, and sums of the results."""
    shape = (1, HEADS, length, width)
    count = HEADS * length * width
    q, k, v, cotangent = (torch.from_numpy(drawn(count, stream).reshape(shape)) for stream in (1, 2, 3, 4))
    operands = [x.requires_grad_() for x in (q, k, v)]

    def forward():
        return scaled_dot_product_attention(*operands, is_causal=causal)

    def backward(result):
        return torch.autograd.grad(result, operands, cotangent, retain_graph=True)

    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status_megabytes("VmRSS")
    result = forward()
    gradients = backward(result)
    results = 4 * count * (1 + len(gradients)) / 2**20
    megabytes = max(status_megabytes("VmHWM") - before - results, 0)
    pattern = drawn(count, 9).astype(numpy.float64)
    sums = [float(x.detach().numpy().ravel().astype(numpy.float64) @ pattern) for x in (result, *gradients)]
    with torch.no_grad():
        seconds = median_seconds(forward)
    return {"forward": seconds, "backward": median_seconds(lambda: backward(result)), "megabytes": megabytes}, sums


def cases(longest):
    return [(t, w, causal) for w in WIDTHS for t in LENGTHS if t <= longest for causal in (False, True)]


def row_of(ours, length, width, causal):
    """A row of the table, by name."""
    ways, peak, sums, difference = ours.measure(length, width, causal)
    ways["torch"], torch_sums = measure_torch(length, width, causal)
    pairs = HEADS * (length * (length + 1) / 2 if causal else length**2)
    for direction, flops in (("forward", 4), ("backward", 10)):
        ways["torch"][direction + "_share"] = flops * pairs * width / ways["torch"][direction] / peak
    scale = max(abs(x) for x in sums)
    apart = max(abs(a - b) / scale for a, b in zip(sums, torch_sums))
    return {"length": length, "width": width, "causal": causal, "difference": max(difference, apart), **ways}


def text_of(row):
    parts = [f"length {row['length']:4} width {row['width']:2} {'causal' if row['causal'] else '      '}"]
    for name in ("fused", "plain", "torch"):
        way = row[name]
        parts.append(
            f"{name} {1e6 * way['forward']:9.1f} us {100 * way['forward_share']:5.1f} %"
            f" {1e6 * way['backward']:9.1f} us {100 * way['backward_share']:5.1f} % {way['megabytes']:7.2f} MB"
        )
    parts.append("x" + " x".join(f"{row['torch'][d] / row['fused'][d]:.2f}" for d in ("forward", "backward")))
    return "  ".join(parts)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("program")
    arguments.add_argument("--longest", type=int, default=max(LENGTHS))
    arguments.add_argument("--json")
    options = arguments.parse_args()
    if options.json:
        try:
            open(options.json, "a").close()
        except OSError as error:
            arguments.error(f"{options.json}: cannot be written: {error.strerror}")
    torch.set_num_threads(1)
    ours = Ours(options.program)
    print(f"PyTorch {torch.__version__}, {HEADS} heads, one core; each way: forward, backward (time and per cent of the")
    print("peak), memory besides operands and results; x: how many times as long PyTorch takes as the fused kernel")
    rows = []
    for case in cases(options.longest):
        rows.append(row_of(ours, *case))
        print(text_of(rows[-1]), flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"benchmark": "attention", "torch": torch.__version__, "rows": rows}, file, indent=1)
    behind = sum(row["torch"][d] < row["fused"][d] for row in rows for d in ("forward", "backward"))
    worst = max(row["difference"] for row in rows)
    met = worst <= LARGEST_DIFFERENCE
    print(
        f"attention: {len(rows)} cases, in {behind} of {2 * len(rows)} directions slower than PyTorch, results within"
        f" {worst:.1e} of its (bar {LARGEST_DIFFERENCE:g}): {'ok' if met else 'MISSED'}"
    )
    return 0 if met else 1


sys.exit(main())
