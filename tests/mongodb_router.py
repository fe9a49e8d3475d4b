"""What looks like a router of a sharded cluster to its clients, and is not one.

There is no router to be had for the tests. This stands between clients and a server and changes only the greeting:
there it says that it is a router. What it keeps in the database ``config`` is what a test writes there.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Any

import bson

_HEADER = struct.Struct("<iiii")
_REPLY, _MESSAGE = 1, 2013
_BEFORE = {_REPLY: 20, _MESSAGE: 5}
"""Bytes between the header of an answer and its document: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/"""


class Router:
    """Listens on a port of its own; ``host`` says where."""

    def __init__(self, server: str) -> None:
        name, _, port = server.rpartition(":")
        self._server = (name, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Take no more clients."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            threading.Thread(target=_forward, args=(client, server), daemon=True).start()
            threading.Thread(target=_answer, args=(server, client), daemon=True).start()


def _forward(client: socket.socket, server: socket.socket) -> None:
    with client, contextlib.suppress(OSError):
        while data := client.recv(1 << 16):
            server.sendall(data)
    server.close()


def _answer(server: socket.socket, client: socket.socket) -> None:
    """Pass answers on, whole, so that greetings can be changed."""
    with server, contextlib.suppress(OSError):
        while len(head := _exactly(server, _HEADER.size)) == _HEADER.size:
            length, number, to, kind = _HEADER.unpack(head)
            body = _exactly(server, length - _HEADER.size)
            if b"maxWireVersion" in body:
                body = _greeting(kind, body)
            client.sendall(_HEADER.pack(len(body) + _HEADER.size, number, to, kind) + body)
    client.close()


def _greeting(kind: int, body: bytes) -> bytes:
    before = _BEFORE[kind]
    told: dict[str, Any] = bson.decode(body[before:])
    told.pop("topologyVersion", None)  # else the client waits for changes, which the header has to say
    return body[:before] + bson.encode({**told, "msg": "isdbgrid"})


def _exactly(source: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length and (part := source.recv(length - len(found))):
        found += part
    return found
