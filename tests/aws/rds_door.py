#!/usr/bin/env python3
"""What RDS puts before a Postgres server for users whom IAM lets in: TLS alone, and a token in place
of the password, which is checked as strictly as AWS does. Whoever passes talks to the real server.

    rds_door.py SCENE.json

The scene has keys by id ({"secret", "token"}), server (the port of one that trusts us), endpoint
("host:port", what the instance calls itself), region, certificate and key (files), and optionally
clock_offset in seconds, and starting: as a server that starts it then lets nobody in until a second
token comes. The port is printed on a line of its own; each line of input is answered with what
became of the log-ins so far. It ends when its standard input does."""

import datetime
import json
import pathlib
import select
import socket
import ssl
import struct
import sys
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "endpoint"))

from signature import Refusal, verify_token  # noqa: E402

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
CLEARTEXT_PASSWORD = b"R" + struct.pack("!ii", 8, 3)


def read_exactly(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("hung up")
        data += piece
    return data


def read_packet(connection):
    """One without a type: as the first ones are."""
    head = read_exactly(connection, 4)
    return head + read_exactly(connection, struct.unpack("!i", head)[0] - 4)


def refusal(code, message):
    fields = [b"SFATAL", b"VFATAL", b"C" + code.encode(), b"M" + message.encode()]
    body = b"".join(field + b"\0" for field in fields) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body


def relay(client, server):
    """One thread for both ways: a TLS connection doesn't stand two."""
    ends = {client: server, server: client}
    while True:
        ready = [client] if client.pending() else select.select(list(ends), [], [])[0]
        for end in ready:
            data = end.recv(65536)
            if not data:
                return
            ends[end].sendall(data)


class Door:
    def __init__(self, scene):
        self.scene, self.log, self.first_token = scene, [], None
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(scene["certificate"], scene["key"])

    def now(self):
        offset = datetime.timedelta(seconds=self.scene.get("clock_offset", 0))
        return datetime.datetime.now(datetime.timezone.utc) + offset

    def welcome(self, connection):
        """The encrypted connection and its start-up packet; nothing for who doesn't encrypt."""
        while True:
            packet = read_packet(connection)
            code = struct.unpack("!i", packet[4:8])[0]
            if code == GSS_REQUEST:
                connection.sendall(b"N")
            elif code == SSL_REQUEST:
                connection.sendall(b"S")
                connection = self.tls.wrap_socket(connection, server_side=True)
            elif isinstance(connection, ssl.SSLSocket):
                return connection, packet
            else:
                connection.sendall(refusal("28000", 'no pg_hba.conf entry for host "there", no encryption'))
                return None

    def let_in(self, connection):
        welcomed = self.welcome(connection)
        if not welcomed:
            return
        client, packet = welcomed
        words = packet[8:].split(b"\0")
        user = dict(zip(words[::2], words[1::2]))[b"user"].decode()
        client.sendall(CLEARTEXT_PASSWORD)
        if read_exactly(client, 1) != b"p":
            return
        token = read_packet(client)[4:-1].decode()
        try:
            verify_token(token, self.scene["keys"], (self.scene["endpoint"], user, self.scene["region"]), self.now())
        except Refusal as refused:
            self.log.append({"user": user, "verdict": str(refused)})
            client.sendall(refusal("28000", f'PAM authentication failed for user "{user}"'))
            return
        self.first_token = self.first_token or token
        if self.scene.get("starting") and token == self.first_token:
            self.log.append({"user": user, "verdict": "starting"})
            client.sendall(refusal("57P03", "the database system is starting up"))
            return
        self.log.append({"user": user, "verdict": "let in"})
        with socket.create_connection(("127.0.0.1", self.scene["server"])) as server:
            server.sendall(packet)
            if read_exactly(server, 9) != b"R" + struct.pack("!ii", 8, 0):
                raise ValueError("the server does not trust us")
            client.sendall(b"R" + struct.pack("!ii", 8, 0))
            relay(client, server)

    def serve(self, connection):
        try:
            self.let_in(connection)
        except OSError:
            pass  # who hangs up is no news
        finally:
            connection.close()


def accept_all(listener, door):
    while True:
        connection = listener.accept()[0]
        threading.Thread(target=door.serve, args=(connection,), daemon=True).start()


def main():
    door = Door(json.loads(pathlib.Path(sys.argv[1]).read_text()))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept_all, args=(listener, door), daemon=True).start()
    for _ in sys.stdin:
        print(json.dumps(door.log), flush=True)


main()
