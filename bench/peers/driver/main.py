"""Times ctgrad and other frameworks side by side: see ../../peers.sh, which starts this."""

import argparse
import json
import os
import subprocess
import sys
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
    options.program = options.build / ("bench_peers" if options.march == "native" else "bench_peers_haswell")
    return options


def say(line):
    print(line, flush=True)


class Comparison:
    """One run. What happened to whom is in `notes`, (configuration, title, words)."""

    def __init__(self, options):
        self.options = options
        self.kinds = [kind for kind in PEERS if kind.key not in options.without]
        self.titles = ["ctgrad"] + [kind.title for kind in self.kinds]
        self.versions = {}
        self.notes = []
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
            ctgrad = workers.start_ctgrad(
                self.options.program, file, self.options.cores, self.options.folder, configuration
            )
            running.append((ctgrad, True))
            self.versions["ctgrad"] = ctgrad.version
            expected = agreement.compute(ctgrad, True, self.options.folder / "gradients.safetensors")
            say(f"{configuration}: loss {expected.forward:.7f}")
            running += self.agreeing(configuration, file, expected)
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

    def agreeing(self, configuration, file, expected):
        """Starts the peers; those that compute what is expected, the others are noted and stopped."""
        found = []
        for kind in self.kinds:
            worker = None
            try:
                worker = workers.start_peer(kind, file, self.options.cores, self.options.folder, configuration)
                self.versions[kind.title] = worker.version
                got = agreement.compute(worker, kind.trains, self.options.folder / "gradients.safetensors")
                said, wrong = agreement.agreement(expected, got)
            except (WorkerFailed, OSError) as error:
                said, wrong = None, f"it cannot be run: {error}"
            if wrong is None:
                say(f"  {configuration}: {kind.title}: agrees: {said}")
                found.append((worker, kind.trains))
                continue
            self.note(configuration, kind.title, f"not timed: {wrong}")
            if worker is not None:
                worker.stop()
        return found

    def vector_bits(self):
        words = self.versions.get("ctgrad", "").split()
        return int(words[-2].removesuffix("-bit")) if len(words) > 2 else 0

    def report(self):
        """Prints the whole table and the verdict, and writes the JSON; gives whether all bars are met."""
        threads = self.options.threads
        cores = "one core" if threads == 1 else f"{threads} cores"
        met, line = table.verdict(self.cells, self.vector_bits(), threads)
        narrowed = self.options.march != "native" and has_512_bit_vectors()
        say(f"\n{processor()}, {cores}; ms a call, medians of rounds in turns")
        for title, version in self.versions.items():
            say(f"  {title}: {version}")
        say(table.header(self.titles))
        for cell in self.cells:
            say(table.row(cell, self.titles))
        for configuration, title, words in self.notes:
            say(f"  {configuration}: {title}: {words}")
        if self.options.without:
            say(f"  left out: {', '.join(self.options.without)}")
        self.write_json(met)
        vectors = f"{self.vector_bits()}-bit vectors"
        if narrowed:
            say(f"bench --peers: {cores}, {vectors} against peers that use wider ones: {line}: figures, no bars")
            return "ctgrad" in self.versions
        say(f"bench --peers: {cores}, {vectors}: {line}: {'ok' if met else 'MISSED'}")
        return met

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
