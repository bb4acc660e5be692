"""Machines on which something is missing, full, closed, wrong or in another language."""

from __future__ import annotations

import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.checkout import ROOT
from tests.command import clean_environ, load, select
from tests.torture.attack import Attack, Outcome, Plan, place

_FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
_ROWS, _DROPS = 400, 3
_MORE = ("status", "check", "quarantine", "schema")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a process ended."""

    code: int
    out: str
    err: str

    def wrong(self, *codes: int, says: str = "") -> str:
        """Say what is not as it should be: another exit code, a traceback, no word of the cause."""
        if self.code not in codes:
            return f"exit code {self.code}: {self.err[-300:]}"
        if "Traceback" in self.err or "this is a bug" in self.err:
            return f"a traceback: {self.err[-300:]}"
        return "" if says in self.err else f"no word of {says!r}: {self.err[-300:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A folder with drops and no database yet."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "events.duckdb"

    def call(
        self,
        *words: object,
        script: str = "{}",
        environ: Mapping[str, str | None] | None = None,
        before: Callable[[], None] | None = None,
    ) -> Told:
        """Run a command; ``script`` is what a shell makes of it."""
        command = shlex.join([sys.executable, "-m", "firehose_loader", *map(str, words)])
        given = {**clean_environ(), "PYTHONPATH": str(ROOT), **(environ or {})}
        done = subprocess.run(
            ["bash", "-c", script.format(command)],
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={name: value for name, value in given.items() if value is not None},
            preexec_fn=before,
            timeout=120,
        )
        return Told(
            code=done.returncode,
            out=done.stdout.decode("utf-8", "replace"),
            err=done.stderr.decode("utf-8", "replace"),
        )

    def run(self, **how: object) -> Told:
        """Load the drops."""
        return self.call("run", "drops", "--into", self.database, **how)  # type: ignore[arg-type]

    def whole(self) -> str:
        """Load once more without any harm, and say what is missing or too much then."""
        answer = load(self.folder / "drops", self.database)
        if answer.code:
            return f"the next run ended with {answer.code}: {answer.err[-300:]}"
        (row,) = select(
            self.database,
            "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM dotdigital.email_open",
        )
        found = (row["n"], row["ids"])
        wanted = _ROWS * _DROPS
        return "" if found == (wanted, wanted) else f"{found} events and ids, {wanted} expected"


@contextmanager
def home() -> Iterator[Home]:
    """Give a folder with some drops, one of which needs the strict parser, which uses the spool."""
    with place("machine") as folder:
        (folder / "drops").mkdir()
        for drop in range(_DROPS):
            rows = "".join(
                f"{drop}-{row},emailOpen,2026-01-05T10:00:00Z,{'x' * 300}{row * 7919}\n"
                for row in range(_ROWS)
            )
            bad = 'z,emailOpen,2026-01-05T10:00:00Z,"\n' if drop == 0 else ""
            text = f"eventId,eventType,eventDate,campaignName\n{rows}{bad}"
            (folder / "drops" / f"ä {drop}.csv").write_text(text, "utf-8")
        yield Home(folder=folder)


Try = Callable[[Home], str]
"""One way to harm; it says what went wrong."""


def attack(name: str, promise: str, tries: Mapping[str, Try]) -> Attack:
    """Return an attack of several ways, each tried once on a folder of its own."""

    def run(plan: Plan) -> Outcome:
        chosen = dict(list(tries.items())[: plan.tries(len(tries))])
        wrong, untried = [], []
        for what, harm in chosen.items():
            with home() as one:
                try:
                    told = harm(one)
                except Untried as reason:
                    untried.append(f"{what}: {reason}")
                    continue
            if told:
                wrong.append(f"{what}: {told}")
        done = [what for what in chosen if not any(one.startswith(what) for one in untried)]
        said = ", ".join(done) + "".join(f"; not tried, {one}" for one in untried)
        return Outcome(tries=len(done), told=said, wrong=tuple(wrong))

    return Attack(name=name, promise=promise, run=run)


class Untried(Exception):
    """This machine does not let us."""


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Have a small file system of its own at a folder."""
    folder.mkdir(exist_ok=True)
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder],
        check=False,
        capture_output=True,
    ).returncode:
        raise Untried("this user may not mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def _full_database(size: str) -> Try:
    def harm(one: Home) -> str:
        full = one.folder / "full"
        with mounted(full, size):
            told = one.call("run", "drops", "--into", full / "e.duckdb")
            wrong = told.wrong(2, says="make room")
            _remount(full, "size=100m")
            return wrong or Home(folder=one.folder).whole() or _loaded_there(one, full)

    return harm


def _loaded_there(one: Home, full: Path) -> str:
    answer = load(one.folder / "drops", full / "e.duckdb")
    rows = answer.json["rows"]["inserted"] if answer.code == 0 else answer.err
    return "" if rows == _ROWS * _DROPS else f"with room again: {rows}"


def _no_room_for_files(one: Home) -> str:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    return one.run(before=limit).wrong(2, says="make room") or one.whole()


def _full_spool(one: Home) -> str:
    full = one.folder / "full"
    with mounted(full, "40k"):
        told = one.run(environ={"FIREHOSE_SPOOL": str(full)})
        return told.wrong(2, says="spool") or one.whole()


def _read_only(one: Home) -> str:
    full = one.folder / "full"
    with mounted(full, "50m"):
        load(one.folder / "drops", full / "e.duckdb")
        _remount(full, "ro")
        told = [
            one.call("run", "drops", "--into", full / "e.duckdb").wrong(2, says="Read-only"),
            one.call("run", "drops", "--into", full / "new.duckdb").wrong(2, says="may not write"),
            one.run(environ={"FIREHOSE_SPOOL": str(full)}).wrong(2, says="Read-only"),
            one.call("status", "--into", full / "e.duckdb").wrong(0),
            one.call("report", "--into", full / "e.duckdb", "--output", full / "r.html").wrong(2),
        ]
    return next(filter(None, told), "") or one.whole()


def _no_temporary_folder(one: Home) -> str:
    with mounted(one.folder / "probe", "1m"):
        pass
    hidden = "; ".join(
        f"mount -t tmpfs -o ro none {folder}"
        for folder in ("/tmp", "/var/tmp", "/home")  # noqa: S108
    )
    # The folder lies in /tmp itself: it is brought elsewhere first.
    script = (
        f"mount --bind {shlex.quote(str(one.folder))} /mnt; {hidden}; cd /home;"
        f" {shlex.quote(sys.executable)} -m firehose_loader run /mnt/drops --into /mnt/e.duckdb"
    )
    told = one.call(script=f"unshare -m bash -c {shlex.quote(script)} # {{}}")
    return told.wrong(2, says="name another folder with spool") or one.whole()


def _unwritable_spool(one: Home) -> str:
    told = one.run(environ={"FIREHOSE_SPOOL": "/proc"})
    missing = one.run(environ={"FIREHOSE_SPOOL": "/nowhere"})
    return (
        told.wrong(2, says="name another folder with spool")
        or missing.wrong(2, says="is not a folder")
        or one.whole()
    )


def _at(*times: str) -> Try:
    """Load at one time after the other, the drops in portions."""

    def harm(one: Home) -> str:
        if _FAKETIME is None:
            raise Untried("libfaketime is not installed")
        drops = sorted((one.folder / "drops").iterdir())
        (one.folder / "later").mkdir()
        later = [path.rename(one.folder / "later" / path.name) for path in drops]
        for time, path in zip(times, later, strict=False):
            path.rename(one.folder / "drops" / path.name)
            environ = {"LD_PRELOAD": str(_FAKETIME), "FAKETIME": time}
            told = one.run(environ=environ).wrong(0)
            told = told or one.call("status", "--into", one.database, environ=environ).wrong(0)
            if told:
                return f"at {time}: {told}"
        for path in (one.folder / "later").iterdir():
            path.rename(one.folder / "drops" / path.name)
        return one.whole()

    return harm


def _with(**environ: str | None) -> Try:
    """Load under an environment, and have other commands speak there too."""

    def harm(one: Home) -> str:
        told = one.run(environ=environ).wrong(0)
        for words in (("status",), ("explain", "ä 1.csv"), ("quarantine", "list")):
            given = one.call(*words, "--into", one.database, environ=environ)
            told = told or given.wrong(0)
        times = select(one.database, "SELECT DISTINCT event_date FROM dotdigital.email_open")
        if [str(row["event_date"]) for row in times] != ["2026-01-05 10:00:00"]:
            told = told or f"event times: {times}"
        return told or one.whole()

    return harm


def _streams(redirection: str, *codes: int) -> Try:
    def harm(one: Home) -> str:
        return one.run(script=f"{{}} {redirection}").wrong(*codes) or one.whole()

    return harm


def _head(one: Home) -> str:
    one.run()
    script = "set -o pipefail; {} | head -1"
    for words in (("sql",), ("schema", "list"), ("status", "--json", "--into", one.database)):
        if told := one.call(*words, script=script).wrong(0):
            return f"{words[0]}: {told}"
    return one.whole()


ATTACKS = (
    attack(
        "No room",
        "exit code 2 and which place lacks room; with room again, the next run loads all",
        {
            "files of at most 100 kB (RLIMIT_FSIZE)": _no_room_for_files,
            "database on a disk of 300 kB": _full_database("300k"),
            "of 20 kB": _full_database("20k"),
            "spool of 40 kB": _full_spool,
        },
    ),
    attack(
        "Places that cannot be written",
        "exit code 2 and which place; what only reads works; the next run loads all",
        {
            "spool that is missing or refuses": _unwritable_spool,
            "read-only file system": _read_only,
            "no folder for temporary files": _no_temporary_folder,
        },
    ),
    attack(
        "Clock that jumps",
        "each drop is loaded once, whatever time it is",
        {
            "back ten years between runs": _at("-1d", "-10y", "+0"),
            "ahead five years and back": _at("+5y", "-1d", "+1d"),
        },
    ),
    attack(
        "Another zone, another language, no home",
        "the same tables; nothing fails for a name that is not ASCII",
        {
            "output in ASCII": _with(PYTHONIOENCODING="ascii"),
            "no HOME, no USER": _with(HOME=None, USER=None, LOGNAME=None),
            "TZ=Asia/Kathmandu": _with(TZ="Asia/Kathmandu"),
            "TZ=America/St_Johns": _with(TZ="America/St_Johns"),
            "LC_ALL=C": _with(LC_ALL="C", LANG="C"),
            "LC_ALL=tr_TR.UTF-8": _with(LC_ALL="tr_TR.UTF-8", LANG="tr_TR.UTF-8"),
        },
    ),
    attack(
        "Standard streams closed, full or left",
        "what was to be loaded is; where an answer cannot be given, exit code 2 says so",
        {
            "all closed": _streams("<&- >&- 2>&-", 0),
            "output to a full disk": _streams("> /dev/full", 2),
            "no input": _streams("<&-", 0),
            "no output": _streams(">&-", 0),
            "no errors": _streams("2>&-", 0),
            "errors to a full disk": _streams("2> /dev/full", 0),
            "errors left by head -1": _streams("2> >(head -1)", 0),
            "output left by head -1": _head,
        },
    ),
)
