"""The worker processes: which there are, how each is started, and how it is asked."""

import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent.parent / "workers"


@dataclass(frozen=True)
class Kind:
    """A column of the table."""

    key: str  # as `--without` calls it
    title: str
    program: str  # a script in workers/, or a program in the folder of the peers
    trains: bool = True

    def command(self, folder):
        if self.program.endswith(".py"):
            return [sys.executable, "-u", SCRIPTS / self.program]
        return [folder / self.program]


PEERS = [
    Kind("torch-eager", "torch eager", "torch_eager.py"),
    Kind("torch-compiled", "torch compiled", "torch_compiled.py"),
    Kind("libtorch", "libtorch", "libtorch_worker"),
    Kind("jax", "JAX jit", "jax_jit.py"),
    Kind("keras", "Keras XLA", "keras_xla.py"),
    Kind("onnx", "ONNX Runtime", "onnx_forward.py", trains=False),
]


class WorkerFailed(Exception):
    """A worker did not start, ended, or did not answer in time."""


def environment(threads, folder):
    """What the workers find in their environment: as many threads as cores, no accelerator, caches in `folder`."""
    changed = dict(os.environ)
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # set on some machines for older libraries; slow
        changed.pop(name, None)
    for name in ("OMP", "MKL", "OPENBLAS", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        suffix = "_THREADS" if name.startswith("TF_") else "_NUM_THREADS"
        changed[name + suffix] = str(threads)
    eigen = "true" if threads > 1 else "false"
    changed["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={eigen} intra_op_parallelism_threads={threads}"
    changed |= {
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "torchinductor"),
        "TORCHINDUCTOR_COMPILE_THREADS": "1",
    }
    return changed


class Worker:
    """A process that is pinned to some cores and answers lines, as workers/serving.py says. What it prints on standard
    error goes to a log. The constructor returns when it is ready; throws WorkerFailed as `ask` does."""

    def __init__(self, title, command, cores, variables, log):
        self.title = title
        self.log = log
        pinned = ["taskset", "--cpu-list", ",".join(map(str, cores)), *map(str, command)]
        with open(log, "wb") as errors:
            self.process = subprocess.Popen(
                pinned, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=variables
            )
        self.version = self._answer(300).removeprefix("ready ")

    def ask(self, line, seconds=600):
        """The number that answers a line. Throws WorkerFailed."""
        try:
            self.process.stdin.write((line + "\n").encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            self._fail()
        answer = self._answer(seconds)
        try:
            return float(answer)
        except ValueError:
            raise WorkerFailed(f"answered '{answer}' to '{line}'") from None

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _answer(self, seconds):
        """The next line that it prints. Lines are short, so that they arrive in one piece or two."""
        line, end = b"", time.monotonic() + seconds
        while not line.endswith(b"\n"):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                self.process.kill()
                raise WorkerFailed(f"no answer within {seconds} s")
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                self._fail()
            line += piece
        return line.decode().strip()

    def _fail(self):
        code = self.process.wait()
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        raise WorkerFailed(lines[-1].strip()[:200] if lines else f"ended with exit code {code}")


def start_peer(kind, file, cores, folder, configuration):
    log = folder / "logs" / f"{configuration}-{kind.key}.log"
    return Worker(kind.title, [*kind.command(folder), file], cores, environment(len(cores), folder), log)


def start_ctgrad(program, file, cores, folder, configuration, verb="serve"):
    """With the verb `serve-double` it computes in double."""
    log = folder / "logs" / f"{configuration}-ctgrad-{verb}.log"
    command = [program, verb, configuration, file]
    return Worker("ctgrad", command, cores, environment(len(cores), folder), log)
