"""A small AWS Lambda on loopback: sandboxes that run a program as their runtime, freeze it between
events, and end it where it takes too long; and a caller that behaves as Cognito does.

    lambda_service.py SETTINGS.json

SETTINGS has `argv` and `environment` of the runtime, and `log`, a file for its stderr. The first
line on stdout is the port of the Invoke API; then each line of JSON on stdin is answered by one:

    {"do": "call", "events": [TEXT, …]}   all at once, each as Cognito calls: up to `tries` (3) times,
                                          giving up after `patience` (5) seconds
    {"do": "set", NAME: VALUE, …}         freezes (bool), timeout (seconds), status (of the next
                                          answer that a runtime posts), tries, patience
    {"do": "start"}                       a sandbox ahead of any event
    {"do": "signal", "number": N}         to every sandbox; answers with their exit codes
    {"do": "look"}                        what became of the sandboxes
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SETTINGS = json.load(open(sys.argv[1], encoding="utf-8"))
STATE = {"freezes": True, "timeout": 30.0, "status": None, "tries": 3, "patience": 5.0}
PREFIX = "/2018-06-01/runtime/"


class Invocation:
    def __init__(self, event):
        self.event = event
        self.id = "request-%d" % next(COUNTER)
        self.deadline = time.time() + STATE["timeout"]
        self.done = threading.Event()
        self.body = b""
        self.function_error = None
        self.error_type = None

    def finish(self, body, function_error=None, error_type=None):
        if self.done.is_set():
            return False
        self.body, self.function_error, self.error_type = body, function_error, error_type
        self.done.set()
        return True


def counter():
    number = 0
    while True:
        number += 1
        yield number


COUNTER = counter()
LOCK = threading.Lock()
SANDBOXES = []


class Server(ThreadingHTTPServer):
    daemon_threads = True


class Sandbox:
    """One process, which has one event at a time."""

    def __init__(self):
        self.queue = queue.Queue()
        self.current = None
        self.is_busy = False
        self.is_idle = threading.Event()  # it asked for an event
        self.init_error = None
        self.events = 0
        sandbox = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, body=b"", headers=()):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                assert self.path == PREFIX + "invocation/next", self.path
                sandbox.wait_for_event()
                event = sandbox.current
                self.reply(200, event.event, [
                    ("Lambda-Runtime-Aws-Request-Id", event.id),
                    ("Lambda-Runtime-Deadline-Ms", str(int(event.deadline * 1000))),
                    ("Lambda-Runtime-Invoked-Function-Arn",
                     "arn:aws:lambda:ca-central-1:123456789012:function:function"),
                    ("Content-Type", "application/json")])

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.reply(sandbox.take(self.path, body, self.headers))

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        environment = dict(SETTINGS["environment"])
        environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:%d" % self.server.server_address[1]
        self.process = subprocess.Popen(
            SETTINGS["argv"], env=environment, stdin=subprocess.DEVNULL,
            stdout=open(SETTINGS["log"], "ab"), stderr=open(SETTINGS["log"], "ab"))
        threading.Thread(target=self.watch, daemon=True).start()

    def wait_for_event(self):
        self.is_idle.set()
        if STATE["freezes"]:
            threading.Timer(0.02, self.freeze).start()
        self.current = self.queue.get()

    def freeze(self):
        with LOCK:
            if not self.is_busy and self.process.poll() is None:
                self.process.send_signal(signal.SIGSTOP)

    def take(self, path, body, headers):
        if STATE["status"] is not None:
            status, STATE["status"] = STATE["status"], None
            return status
        if path == PREFIX + "init/error":
            self.init_error = body.decode()
            return 202
        kind = path.rsplit("/", 1)[1]
        if self.current is None or path != PREFIX + "invocation/%s/%s" % (self.current.id, kind):
            return 400
        is_error = kind == "error"
        taken = self.current.finish(body, "Unhandled" if is_error else None,
                                    headers.get("Lambda-Runtime-Function-Error-Type"))
        return 202 if taken else 400

    def watch(self):
        self.process.wait()
        self.is_idle.set()
        if self.current is not None:
            self.current.finish(b'{"errorType":"Runtime.ExitError","errorMessage":"exited"}',
                                "Unhandled", "Runtime.ExitError")
        while not self.queue.empty():
            self.queue.get().finish(b'{"errorType":"Runtime.ExitError","errorMessage":"exited"}',
                                    "Unhandled", "Runtime.ExitError")

    def run(self, invocation):
        self.events += 1
        self.process.send_signal(signal.SIGCONT)
        self.queue.put(invocation)
        if self.process.poll() is not None:
            self.watch()
        if not invocation.done.wait(max(0, invocation.deadline - time.time())):
            self.process.kill()
            invocation.finish(b'{"errorMessage":"Task timed out"}', "Unhandled", "Sandbox.Timedout")
        with LOCK:
            self.is_busy = False

    def facts(self):
        return {"pid": self.process.pid, "exit_code": self.process.poll(), "events": self.events,
                "init_error": self.init_error}


def free_sandbox():
    """One that lives and has nothing to do; a new one where there is none, as Lambda does it."""
    with LOCK:
        for sandbox in SANDBOXES:
            if not sandbox.is_busy and sandbox.process.poll() is None:
                sandbox.is_busy = True
                return sandbox
        sandbox = Sandbox()
        sandbox.is_busy = True
        SANDBOXES.append(sandbox)
        return sandbox


def invoke(event):
    invocation = Invocation(event)
    free_sandbox().run(invocation)
    return invocation


def call(event):
    """As Cognito calls: it waits no longer than it does, and then tries again."""
    tries = []
    for _ in range(STATE["tries"]):
        started = time.time()
        result = []
        thread = threading.Thread(target=lambda: result.append(invoke(event)), daemon=True)
        thread.start()
        thread.join(STATE["patience"])
        seconds = time.time() - started
        if not result:
            tries.append({"outcome": "gave up", "seconds": seconds})
            continue
        invocation = result[0]
        outcome = "failed" if invocation.function_error else "done"
        tries.append({"outcome": outcome, "seconds": seconds, "id": invocation.id,
                      "type": invocation.error_type,
                      "body": "" if invocation.body == event else
                              invocation.body.decode("utf-8", "replace"),
                      "is_whole": invocation.body == event})
        if outcome == "done":
            break
    return tries


def call_all(events):
    results = [None] * len(events)

    def one(at):
        results[at] = call(events[at].encode("utf-8", "surrogatepass"))

    threads = [threading.Thread(target=one, args=(at,)) for at in range(len(events))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class InvokeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        invocation = invoke(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        if invocation.function_error:
            self.send_header("X-Amz-Function-Error", invocation.function_error)
        self.send_header("Content-Length", str(len(invocation.body)))
        self.end_headers()
        self.wfile.write(invocation.body)


def act(command):
    action = command.pop("do")
    if action == "call":
        return call_all(command["events"])
    if action == "set":
        STATE.update(command)
        return STATE
    if action == "start":
        sandbox = free_sandbox()
        sandbox.is_idle.wait(30)
        sandbox.is_busy = False
        return sandbox.facts()
    if action == "signal":
        with LOCK:
            for sandbox in SANDBOXES:
                sandbox.is_busy = True  # with ending: nothing freezes it any more
                if sandbox.process.poll() is None:
                    sandbox.process.send_signal(command["number"])
                    sandbox.process.send_signal(signal.SIGCONT)
        return [sandbox.process.wait(20) for sandbox in SANDBOXES]
    if action == "look":
        return [sandbox.facts() for sandbox in SANDBOXES]
    raise ValueError(action)


def end(*_):
    """Whoever started this closes stdin and sends SIGTERM at once: nothing may be left by either."""
    for sandbox in SANDBOXES:
        if sandbox.process.poll() is None:
            sandbox.process.kill()
    os._exit(0)


def main():
    signal.signal(signal.SIGTERM, end)
    server = Server(("127.0.0.1", 0), InvokeHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    for line in sys.stdin:
        print(json.dumps(act(json.loads(line))), flush=True)


try:
    main()
except Exception:  # what end() would keep from being shown
    traceback.print_exc()
end()
