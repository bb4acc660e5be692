"""What servers answer that no server here would: played by one of a few lines."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from firehose_loader.config import FtpsSource
from firehose_loader.errors import AccessDenied, StorageUnavailable
from firehose_loader.protocols import Storage
from firehose_loader.storage import open_storage
from tests.rigs.certificates import Certificates, issued
from tests.rigs.rig import keys

LISTING = b"".join(
    b"-rw-r--r-- 1 ftp ftp 12 Nov 25 10:31 %s\r\n" % name for name in (b"a.csv", b"b.csv")
)
ANSWERS = {
    "USER": "331 password?",
    "PASS": "230 in",
    "PBSZ": "200 ok",
    "PROT": "200 ok",
    "TYPE": "200 ok",
    "PWD": '257 "/" is it',
    "CWD": "250 ok",
    "SIZE": "213 12",
    "MDTM": "213 20260105100000",
}


class PlayedServer:
    """Serves one client: explicit TLS, passive mode, a listing of any bytes."""

    def __init__(
        self, certificates: Certificates, listing: bytes, *, closing_word: bool, **answers: str
    ) -> None:
        self._tls = certificates.server_side()
        self._listing = listing
        self._closing_word = closing_word
        self._answers = {**ANSWERS, **answers}
        self.listener = socket.create_server(("127.0.0.1", 0))

    def serve(self) -> None:
        with contextlib.suppress(OSError):  # the client hangs up when it likes
            plain, _ = self.listener.accept()
            plain.sendall(b"220 ready\r\n")
            plain.recv(100)
            plain.sendall(b"234 go on\r\n")
            with self._tls.wrap_socket(plain, server_side=True) as control:
                self._converse(control)

    def _converse(self, control: ssl.SSLSocket) -> None:
        transfers: socket.socket | None = None
        for line in control.makefile("r", encoding="utf-8"):
            command = line.split()[0]
            if command == "PASV":
                transfers = socket.create_server(("127.0.0.1", 0))
                high, low = divmod(transfers.getsockname()[1], 256)
                # The address is a lie, as behind many a firewall.
                control.sendall(f"227 passive (10,0,0,1,{high},{low})\r\n".encode())
            elif command == "LIST" and transfers is not None:
                control.sendall(b"150 it comes\r\n")
                with transfers:
                    self._transfer(transfers)
                control.sendall(b"226 complete\r\n")
            else:
                control.sendall(f"{self._answers.get(command, '500 what?')}\r\n".encode())

    def _transfer(self, transfers: socket.socket) -> None:
        plain, _ = transfers.accept()
        with self._tls.wrap_socket(plain, server_side=True) as data:
            data.sendall(self._listing)
            if self._closing_word:
                data.unwrap()


@contextlib.contextmanager
def played(
    folder: Path, listing: bytes = LISTING, *, closing_word: bool = True, **answers: str
) -> Iterator[Storage]:
    certificates = issued(folder)
    server = PlayedServer(certificates, listing, closing_word=closing_word, **answers)
    thread = threading.Thread(target=server.serve)
    thread.start()
    source = FtpsSource.model_validate(
        {
            "name": "box",
            "url": f"ftps://u@127.0.0.1:{server.listener.getsockname()[1]}/",
            "password": "p",
            "ca_file": certificates.authority,
            "timeout": 5,
        }
    )
    with server.listener, closing(open_storage(source)) as storage:
        yield storage
    thread.join()


def test_a_listing_comes_from_the_host_that_was_asked_whatever_address_it_gives(
    tmp_path: Path,
) -> None:
    with played(tmp_path) as storage:
        assert keys(storage.list_drops()) == ["a.csv", "b.csv"]


def test_a_listing_without_tls_closing_word_is_never_taken_for_whole(tmp_path: Path) -> None:
    with (
        played(tmp_path, LISTING[: len(LISTING) // 2], closing_word=False) as storage,
        pytest.raises(StorageUnavailable),
    ):
        list(storage.list_drops())


def test_a_name_that_would_lead_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    line = b"-rw-r--r-- 1 ftp ftp 12 Nov 25 10:31 ../../etc/passwd\r\n"

    with (
        played(tmp_path, line) as storage,
        pytest.raises(AccessDenied, match="a name that no file can have"),
    ):
        list(storage.list_drops())


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"PROT": "534 not here"}, AccessDenied),
        ({"CWD": "421 too many users"}, StorageUnavailable),
        ({"CWD": "550 no"}, AccessDenied),
        ({"SIZE": "213 many"}, AccessDenied),
        ({"MDTM": "213 yesterday"}, AccessDenied),
        ({"PASS": "421 too many users"}, StorageUnavailable),
    ],
)
def test_an_answer_is_told_by_its_code(
    tmp_path: Path, answers: dict[str, str], error: type[Exception]
) -> None:
    with played(tmp_path, **answers) as storage, pytest.raises(error, match="ftps://u@127"):  # type: ignore[arg-type]
        list(storage.list_drops())
