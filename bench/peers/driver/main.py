"""Times ctgrad and other frameworks side by side: see ../../peers.sh, which starts this."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import agreement
import table
import timing
import workers
from workers import PEERS, WorkerFailed

CONFIGURATIONS = ("toy", "toy-1", "seed", "seed-32", "small", "base")


def parse():
    description = "Times ctgrad and other frameworks in turns."
    parser = argparse.ArgumentParser(prog="./dev bench --peers", description=description)
    parser.add_argument("build", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=CONFIGURATIONS, help="one configuration")
    parser.add_argument("--rounds", type=int, default=11, help="most rounds; large configurations have fewer (11)")
    parser.add_argument("--threads", type=int, default=1, help="cores, and threads of every worker (1)")
    parser.add_argument("--march", choices=("native", "haswell"), default="native", help="what ctgrad is compiled for")
    parser.add_argument("--without", action="append", default=[], choices=[kind.key for kind in PEERS])
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= options.threads <= len(cores):
        parser.error(f"--threads: expected 1 to {len(cores)}, got {options.threads}")
    if options.rounds < 1:
        parser.error(f"--rounds: expected at least 1, got {options.rounds}")
    options.cores = cores[-options.threads :]
    if options.threads > 1 and options.march != "native":
        parser.error("--threads: expected 1 beside --march haswell")
    names = {"native": "bench_peers" if options.threads == 1 else "bench_peers_shards", "haswell": "bench_peers_haswell"}
    options.program = options.build / names[options.march]
    return options


def say(line):
    print(line, flush=True)


class Comparison:
    """One run. What happened to whom is in `notes`, (configuration, title, words)."""

    def __init__(self, options):
        self.options = options
        self.begin = time.monotonic()
        self.kinds = [kind for kind in PEERS if kind.key not in options.without]
        self.titles = ["ctgrad"] + [kind.title for kind in self.kinds]
        self.versions = {}
        self.notes = []
        self.disagreeing = set()  # titles
        self.cells = []

    def note(self, configuration, title, words):
        self.notes.append((configuration, title, words))
        say(f"  {configuration}: {title}: {words}")

    def run(self, configuration):
        """Compares and times one configuration; its cells are then the last ones, and printed."""
        cells = [table.Cell(configuration, call) for call in timing.CALLS]
        self.cells += cells
        file = self.options.folder / f"{configuration}.safetensors"
        running = []
        try:
            subprocess.run([self.options.program, "write", configuration, file], check=True)
            expected = self.expected(configuration, file)
            say(f"{configuration}: loss {expected.forward:.7f} in double")
            running = self.agreeing(configuration, file, expected)
            if not running or running[0][0].title != "ctgrad":
                raise WorkerFailed("it has other losses or gradients than in double")
            failed = lambda worker, error: self.note(configuration, worker.title, f"not timed: {error}")
            times = timing.time_in_turns(running, self.options.rounds, self.options.threads, failed)
            for cell in cells:
                cell.times = {worker.title: found for (worker, call), found in times.items() if call == cell.call}
        except (WorkerFailed, subprocess.CalledProcessError, OSError) as error:
            self.note(configuration, "ctgrad", f"failed: {error}")
        finally:
            for worker, _ in running:
                worker.stop()
            file.unlink(missing_ok=True)
        say(table.header(self.titles))
        for cell in cells:
            say(table.row(cell, self.titles))

    def computed(self, worker, trains):
        return agreement.compute(worker, trains, self.options.folder / "gradients.safetensors")

    def expected(self, configuration, file):
        """What ctgrad computes in double: what a gradient's rounding is in float differs from framework to framework."""
        worker = self.start_ctgrad(configuration, file, "serve-double")
        try:
            return self.computed(worker, True)
        finally:
            worker.stop()

    def start_ctgrad(self, configuration, file, verb):
        options = self.options
        return workers.start_ctgrad(options.program, file, options.cores, options.folder, configuration, verb)

    def agreeing(self, configuration, file, expected):
        """Starts ctgrad and the peers; those that compute what is expected, the others are noted and stopped."""
        options = self.options
        starts = [("ctgrad", True, lambda: self.start_ctgrad(configuration, file, "serve"))]
        for kind in self.kinds:
            start = lambda kind=kind: workers.start_peer(kind, file, options.cores, options.folder, configuration)
            starts.append((kind.title, kind.trains, start))
        found = []
        for title, trains, start in starts:
            worker = None
            try:
                worker = start()
                self.versions[title] = worker.version
                said, wrong = agreement.agreement(expected, self.computed(worker, trains))
                if wrong is not None:
                    self.disagreeing.add(title)
            except (WorkerFailed, OSError) as error:
                said, wrong = None, f"it cannot be run: {error}"
            if wrong is None:
                say(f"  {configuration}: {title}: agrees: {said}")
                found.append((worker, trains))
                continue
            self.note(configuration, title, f"not timed: {wrong}")
            if worker is not None:
                worker.stop()
        return found

    def vector_bits(self):
        words = self.versions.get("ctgrad", "").split()
        return int(words[-2].removesuffix("-bit")) if len(words) > 2 else 0

    def report(self):
        """Prints the whole table and the verdict, and writes the JSON; gives whether all bars are met."""
        met, line = table.verdict(self.cells, self.vector_bits(), self.options.threads)
        met = met and not self.disagreeing
        minutes = (time.monotonic() - self.begin) / 60
        say(f"\n{processor()}, {self.cores()}; ms a call, medians of rounds in turns; {minutes:.1f} minutes")
        for title, version in self.versions.items():
            say(f"  {title}: {version}")
        say(table.header(self.titles))
        for cell in self.cells:
            say(table.row(cell, self.titles))
        for configuration, title, words in self.notes:
            say(f"  {configuration}: {title}: {words}")
        self.write_json(met)
        line = f"bench --peers: {self.cores()}, {self.vector_bits()}-bit vectors: {line}{self.missing()}"
        if self.options.march != "native" and has_512_bit_vectors():
            say(f"{line}: figures alone, since the peers have wider vectors")
            return "ctgrad" in self.versions
        say(f"{line}: {'ok' if met else 'MISSED'}")
        return met

    def cores(self):
        return "one core" if self.options.threads == 1 else f"{self.options.threads} cores"

    def missing(self):
        """Which peers are not in the whole table, and why, in words."""
        failed = {title for _, title, _ in self.notes} - self.disagreeing
        found = {
            "other losses or gradients": sorted(self.disagreeing),
            "not everywhere timed": sorted(failed),
            "left out": self.options.without,
        }
        return "".join(f"; {why}: {', '.join(names)}" for why, names in found.items() if names)

    def write_json(self, met):
        file = self.options.folder / f"peers-{self.options.march}-{self.options.threads}.json"
        found = {
            "processor": processor(),
            "threads": self.options.threads,
            "versions": self.versions,
            "cells": [cell.as_json() for cell in self.cells],
            "notes": [" ".join(note) for note in self.notes],
            "without": self.options.without,
            "met": met,
        }
        file.write_text(json.dumps(found, indent=1) + "\n")
        say(f"  written: {os.path.relpath(file)}")


def has_512_bit_vectors():
    return " avx512f " in Path("/proc/cpuinfo").read_text()


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return os.uname().machine


def main():
    options = parse()
    comparison = Comparison(options)
    for configuration in CONFIGURATIONS if options.only is None else [options.only]:
        comparison.run(configuration)
    sys.exit(0 if comparison.report() else 1)


main()
