"""Coverage-guided fuzzing of every reader: `python -m benchmarks.fuzz_formats --minutes 1`.

Mutates samples (flips, cuts, splices, words of the format), keeps what reaches new lines of the
readers' files, and reports executions, lines, crashes, the slowest input and peak memory. A crash
is written beside the report as an input that repeats it.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

from probatum.records.formats import FORMATS
from probatum.records.formats.registry import read
from probatum.records.record import make_record
from probatum.records.source import Source

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests/records/formats/samples"
READERS = str(ROOT / "src/probatum/records")
LONGEST = 20_000  # bytes of an input
SLOW = 2.0  # seconds for so few bytes are a hang
WORDS = (
    *(b"TY  - JOUR\n", b"ER  - \n", b"PMID- ", b"PT J\n", b"ER\n", b"EF\n", b"%0 Book\n", b"%T "),
    *(
        b"<PubmedArticle>",
        b"</PubmedArticle>",
        b"<record>",
        b"<![CDATA[",
        b"<!DOCTYPE x [",
        b"&#x0;",
    ),
    *(b"@article{", b"@string{a = ", b'"', b"{", b"}", b"[", b"]", b"\\u", b'\\"', b"$", b"#"),
    *(
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x00",
        b"\r",
        b"\n\n",
        b",",
        b";",
        b"\t",
        b"ZP  - {",
        b"1e999",
    ),
)


@dataclass
class Found:
    """What fuzzing one reader came to."""

    runs: int = 0
    lines: set[tuple[str, int]] = field(default_factory=set)
    crashes: dict[str, bytes] = field(default_factory=dict)
    slowest: float = 0.0
    slow_input: bytes = b""


class Lines:
    """Which lines of the readers ran; by sys.monitoring where it is (3.12), else by a trace."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()

    def _trace(self, frame: FrameType, event: str, _: object) -> Callable[..., object] | None:
        if not frame.f_code.co_filename.startswith(READERS):
            return None
        if event == "line":
            self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._trace

    def _line(self, code: CodeType, line: int) -> object:
        if code.co_filename.startswith(READERS):
            self.seen.add((code.co_filename, line))
        return sys.monitoring.DISABLE  # each line is told once; new ones are what matters

    def start(self) -> None:
        if sys.version_info >= (3, 12):
            tool = sys.monitoring.COVERAGE_ID
            if sys.monitoring.get_tool(tool) is None:
                sys.monitoring.use_tool_id(tool, "fuzz_formats")
                sys.monitoring.register_callback(tool, sys.monitoring.events.LINE, self._line)
                sys.monitoring.set_events(tool, sys.monitoring.events.LINE)
        else:
            sys.settrace(self._trace)

    def stop(self) -> None:
        if sys.version_info < (3, 12):
            sys.settrace(None)


def run(data: bytes, name: str) -> None:
    """Read, and hold the law."""
    reading = read(Source(data=data), name)
    assert reading.entries == reading.parsed + len(reading.rejected)
    for one in (*reading.rejected, *reading.stray):
        assert 0 <= one.line_from <= one.line_to, one
    for record in reading.records[:5]:
        assert make_record(**record.row()) == record


def mutated(data: bytes, others: list[bytes], draw: random.Random) -> bytes:
    """The input after a few changes."""
    out = bytearray(data)
    for _ in range(1 << draw.randrange(5)):
        place = draw.randrange(len(out) + 1)
        match draw.randrange(7):
            case 0 if place < len(out):
                out[place] ^= 1 << draw.randrange(8)
            case 1:
                out[place:place] = draw.choice(WORDS)
            case 2:
                del out[place : place + draw.randrange(1, 60)]
            case 3:
                other = draw.choice(others)
                first = draw.randrange(len(other) + 1)
                out[place:place] = other[first : first + draw.randrange(1, 400)]
            case 4:
                piece = out[place : place + draw.randrange(1, 80)]
                out[place:place] = piece * draw.randrange(1, 12)
            case 5 if draw.random() < 0.2:
                del out[place:]
            case _ if place < len(out):
                out[place] = draw.randrange(256)
    return bytes(out[:LONGEST])


def fuzz(name: str, seconds: float, seed: int) -> Found:
    """Mutate this format's samples for so long; what reaches new lines is mutated further."""
    draw = random.Random(f"{name}{seed}")
    whole = [p.read_bytes()[:LONGEST] for p in sorted(SAMPLES.iterdir()) if p.suffix != ".json"]
    corpus = [p.read_bytes()[:LONGEST] for p in sorted(SAMPLES.glob(f"{name}-*")) if _input(p)]
    whole += corpus
    found, lines = Found(), Lines()
    queue = list(corpus)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        data = queue.pop() if queue else mutated(draw.choice(corpus), whole, draw)
        before = len(lines.seen)
        begun = time.perf_counter()
        lines.start()
        try:
            run(data, name)
        except Exception:
            lines.stop()
            last = traceback.format_exc().strip().splitlines()
            found.crashes.setdefault(" | ".join(last[-3:]), data)
        finally:
            lines.stop()
        took = time.perf_counter() - begun
        found.runs += 1
        if took > found.slowest and (took := min(took, _untraced(data, name))) > found.slowest:
            found.slowest, found.slow_input = took, data
        if len(lines.seen) > before:
            corpus.append(data)
    found.lines = lines.seen
    return found


def _untraced(data: bytes, name: str) -> float:
    """Seconds without the trace, which slows by ten, and without the pause of a busy machine."""
    begun = time.perf_counter()
    try:
        run(data, name)
    except Exception:  # it has been told
        return 0.0
    return time.perf_counter() - begun


def _input(path: Path) -> bool:
    return not path.name.endswith(".expected.json")


def main() -> int:
    """Fuzz the formats in turn; exit 1 on a crash or a hang."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for each format")
    parser.add_argument("--format", choices=sorted(FORMATS), action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="where inputs that crash or hang are written")
    args = parser.parse_args()
    bad = 0
    for name in args.format or sorted(FORMATS):
        found = fuzz(name, 60 * args.minutes, args.seed)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        hang = found.slowest > SLOW
        bad += len(found.crashes) + hang
        print(
            f"{name:20} {found.runs:>9,} runs  {len(found.lines):>5} lines  "
            f"{len(found.crashes)} crashes  slowest {found.slowest * 1000:7.1f} ms "
            f"({len(found.slow_input):,} bytes)  peak {peak} MB",
            flush=True,
        )
        kept = [*found.crashes.values(), *([found.slow_input] if hang else [])]
        for number, data in enumerate(kept):
            if args.out:
                args.out.mkdir(parents=True, exist_ok=True)
                (args.out / f"{name}-{args.seed}-{number}").write_bytes(data)
        for reason in found.crashes:
            print(f"    {reason[:400]}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
