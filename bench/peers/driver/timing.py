"""Times workers in turns, of which one alone runs at a time."""

import statistics
import time

CALLS = ("forward", "step")
TURN_SECONDS = 0.15  # what a turn should take
MOST_CALLS = 300  # in a turn: training begins anew in each, before gradients vanish
CONFIGURATION_SECONDS = 100  # no round begins behind these, but for the first FEWEST_ROUNDS
FEWEST_ROUNDS = 3
SETTLE_SECONDS = 0.3  # between turns of several threads, which spin for a while when they are done


def calls_of(worker, trains):
    return CALLS if trains else CALLS[:1]


def counts(workers):
    """How many calls of each kind a worker's turn has, from one that is timed."""
    found = {}
    for worker, trains in workers:
        for call in calls_of(worker, trains):
            milliseconds = worker.ask(f"time {call} 1")
            found[worker, call] = max(1, min(MOST_CALLS, int(1e3 * TURN_SECONDS / milliseconds)))
    return found


def time_in_turns(workers, rounds, threads, failed):
    """Times `workers`, a list of (worker, trains): a dict from (worker, call) to the milliseconds of every round. The
    one that begins a round has the cooler machine: they take turns in that too. A worker that fails is told to
    `failed(worker, error)` and has no times."""
    from workers import WorkerFailed

    running = list(workers)
    times = {}
    count = {}
    end = time.monotonic() + CONFIGURATION_SECONDS
    for turn in range(rounds):
        if turn >= FEWEST_ROUNDS and time.monotonic() > end:
            break
        for worker, trains in running if turn % 2 == 0 else running[::-1]:
            try:
                if turn == 0:
                    count |= counts([(worker, trains)])
                for call in calls_of(worker, trains):
                    if threads > 1:
                        time.sleep(SETTLE_SECONDS)
                    milliseconds = worker.ask(f"time {call} {count[worker, call]}")
                    times.setdefault((worker, call), []).append(milliseconds)
            except WorkerFailed as error:
                failed(worker, error)
                running = [pair for pair in running if pair[0] is not worker]
                times = {key: values for key, values in times.items() if key[0] is not worker}
    return times


def ratio(peer_times, own_times):
    """How often as fast the own ones are: the median of the rounds' ratios."""
    return statistics.median(peer / own for peer, own in zip(peer_times, own_times))
