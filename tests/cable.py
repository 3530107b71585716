"""A cable between a browser and a server: once cut, every connection breaks and none is made until it is mended."""

import socket
import threading
from contextlib import suppress

from tests.browser import free_port

CHUNK = 65_536


class Cable:
    """Listens on a port of its own and passes everything on to the server's."""

    def __init__(self, server_port: int) -> None:
        self.port, self._server_port = free_port(), server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        """Let connections through from now on."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        if self._listener:
            _end(self._listener)
        for one in list(self._open):
            _end(one)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _address = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._server_port))
                self._open |= {near, far}
                if listener.fileno() < 0:  # cut as this one came through
                    _end(near)
                    _end(far)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=[source, sink], daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                sink.sendall(data)
        for one in (source, sink):
            _end(one)
            self._open.discard(one)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
