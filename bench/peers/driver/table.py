"""The table, its verdict and its JSON."""

import statistics
from dataclasses import dataclass, field

from timing import CALLS, ratio

# How often as fast a step must be as the fastest peer's, where ctgrad is compiled for 512-bit vectors.
STEP_BARS_512 = {"toy": 2.8, "toy-1": 12, "seed": 2.5, "seed-32": 2.6, "small": 1.4, "base": 1.18}


@dataclass
class Cell:
    """A configuration's forward passes or steps: the milliseconds of every round, by the workers' titles."""

    configuration: str
    call: str
    times: dict = field(default_factory=dict)

    def medians(self):
        return {title: statistics.median(times) for title, times in self.times.items()}

    def fastest_peer(self):
        """Its title; None where no peer was timed."""
        peers = {title: time for title, time in self.medians().items() if title != "ctgrad"}
        return min(peers, key=peers.get) if peers else None

    def ratio(self):
        """How often as fast as the fastest peer ctgrad is; None where one of them is missing."""
        peer = self.fastest_peer()
        if peer is None or "ctgrad" not in self.times:
            return None
        return ratio(self.times[peer], self.times["ctgrad"])

    def as_json(self):
        return {
            "configuration": self.configuration,
            "call": self.call,
            "milliseconds": self.medians(),
            "rounds": self.times,
            "fastest_peer": self.fastest_peer(),
            "ratio": self.ratio(),
        }


def number(milliseconds):
    return "-" if milliseconds is None else f"{milliseconds:.4g}"


def header(titles):
    columns = "".join(f"{title:>16}" for title in titles)
    return f"{'ms':<8} {'':<8}{columns}  {'fastest peer':<16} {'ctgrad is':>9}"


def row(cell, titles):
    medians = cell.medians()
    columns = "".join(f"{number(medians.get(title)):>16}" for title in titles)
    found = cell.ratio()
    times = "-" if found is None else f"{found:.2f} times as fast"
    return f"{cell.configuration:<8} {cell.call:<8}{columns}  {cell.fastest_peer() or '-':<16} {times:>9}"


def verdict(cells, vector_bits, threads):
    """Whether the bars are met, and the line that says so."""
    ratios = {(cell.configuration, cell.call): cell.ratio() for cell in cells}
    ahead = [key for key, found in ratios.items() if found is not None and found > 1]
    met = len(ahead) == len(ratios) > 0
    line = f"ahead of the fastest peer in {len(ahead)} of {len(ratios)} cells (bar {len(ratios)})"
    pieces = []
    for (configuration, call), found in ratios.items():
        if call != CALLS[1]:
            continue
        piece = f"{configuration} {'-' if found is None else format(found, '.2f')}"
        if vector_bits == 512 and threads == 1:
            bar = STEP_BARS_512[configuration]
            piece += f" (bar {bar:g})"
            met = met and found is not None and found >= bar
        pieces.append(piece)
    return met, f"{line}; step, times as fast as it: {', '.join(pieces)}"
