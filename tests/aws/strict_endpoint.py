#!/usr/bin/env python3
"""An EC2 of our own, for what an emulator lets pass: it is strict about signatures, clock and
parameters, and goes wrong on request.

    strict_endpoint.py SCENARIO.json

The scenario has keys by id ({"secret", "token", "rights"}), rules, and optionally region, addresses
(by path: {"status", "body"}), web_tokens (an identity's token to a key's id), instances of RDS (by
name: a state, or more) and their snapshots, tls ({"certificate", "key"}: files), clock_offset in
seconds, page_size, lag (looks that still see what was before a change) and faults ({"kind",
"action", "times", "done"}). The port is printed on a line of its own. Beside the scenario,
requests.jsonl gets every request, rules.json the rules as they are now. It ends when its standard
input does."""

import datetime
import email.utils
import http.server
import json
import pathlib
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent / "endpoint"))

from groups import Groups  # noqa: E402
from instances import Instances, rds_error_xml  # noqa: E402
from query import (  # noqa: E402
    answer_xml,
    error_xml,
    form_fields,
    identity_xml,
    is_trial,
    page,
    rules_xml,
    selected,
    take_action,
)
from signature import Refusal, verify  # noqa: E402

LONGEST_SILENCE = 60
SERVICES = {"2014-10-31": "rds", "2010-08-01": "monitoring"}


class Endpoint:
    def __init__(self, scenario, folder):
        self.scenario, self.folder = scenario, folder
        self.groups = Groups(scenario["rules"], scenario.get("lag", 0))
        self.instances = Instances(
            scenario.get("instances", {}), scenario.get("snapshots", []), self.now
        )
        self.faults = scenario.get("faults", [])
        self.lock = threading.Lock()
        self.write_rules()

    def now(self):
        offset = datetime.timedelta(seconds=self.scenario.get("clock_offset", 0))
        return datetime.datetime.now(datetime.timezone.utc) + offset

    def write_rules(self):
        rules = sorted(self.groups.rules.values(), key=lambda rule: rule["id"])
        (self.folder / "rules.json").write_text(json.dumps(rules))

    def write_request(self, entry):
        with (self.folder / "requests.jsonl").open("a") as log:
            log.write(json.dumps(entry) + "\n")

    def take_fault(self, action):
        for fault in self.faults:
            if fault.get("times", 1) > 0 and fault.get("action", action) == action:
                fault["times"] = fault.get("times", 1) - 1
                return fault
        return None

    def answer(self, headers, body):
        """Status, body and fault of the answer to a request."""
        with self.lock:
            fields, fault, service = {}, None, "ec2"
            entry = {"fields": fields, "headers": dict(headers)}
            try:
                fields.update(form_fields(body))
                entry["fields"] = dict(fields)
                service = SERVICES.get(fields.get("Version"), "ec2")
                fault = self.take_fault(fields.get("Action"))
                if fault and not fault.get("done"):
                    entry["status"] = fault["kind"]
                    return 200, answer_xml(fields["Action"], "<return>true</return>"), fault
                if fields.get("Action") == "AssumeRoleWithWebIdentity":
                    content = self.assume_role(dict(headers), fields)
                    entry["status"] = 200
                    return 200, content, fault
                key = verify(
                    headers,
                    body,
                    self.scenario["keys"],
                    (self.scenario.get("region", "ca-central-1"), service),
                    self.now(),
                )
                if service != "ec2":
                    content = self.instances.act(fields)
                else:
                    content = self.act(take_action(fields, "2016-11-15"), fields, key)
                entry["status"] = 200
                return 200, content, fault
            except Refusal as refusal:
                entry["status"], entry["code"] = refusal.status, refusal.code
                error = error_xml(refusal) if service == "ec2" else rds_error_xml(refusal)
                return refusal.status, error, fault
            except ValueError:
                entry["status"] = 400
                return 400, error_xml(Refusal(400, "MalformedQueryString", "the form is malformed")), fault
            finally:
                self.write_request(entry)

    def assume_role(self, headers, fields):
        if "authorization" in headers:
            raise Refusal(400, "InvalidRequest", "this is not to be signed")
        if fields.get("Version") != "2011-06-15" or not fields.get("RoleSessionName"):
            raise Refusal(400, "ValidationError", "version or session are missing")
        key_id = self.scenario.get("web_tokens", {}).get(fields.get("WebIdentityToken"))
        if not key_id or not fields.get("RoleArn", "").startswith("arn:aws:iam:"):
            raise Refusal(400, "InvalidIdentityToken", "No OpenIDConnect provider found")
        return identity_xml(key_id, self.scenario["keys"][key_id])

    def act(self, action, fields, key):
        trial = is_trial(fields)
        if action not in key.get("rights", [action]):
            raise Refusal(
                403,
                "UnauthorizedOperation",
                f"You are not authorized to perform: ec2:{action}."
                " Encoded authorization failure message: " + "Zm9v" * 100,
            )
        if action == "DescribeSecurityGroupRules":
            rules, token = page(
                selected(self.groups, fields), fields, self.scenario.get("page_size", 1000)
            )
            return answer_xml(action, rules_xml(rules, token))
        change = {
            "ModifySecurityGroupRules": self.groups.modify,
            "AuthorizeSecurityGroupIngress": self.groups.authorize,
            "RevokeSecurityGroupIngress": self.groups.revoke,
        }[action](fields)
        if trial:
            raise Refusal(
                412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."
            )
        self.groups.about_to_change()
        made = change()
        self.write_rules()
        return answer_xml(action, "<return>true</return>" + (rules_xml(made) if made else ""))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet an answer
    endpoint = None

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.format_datetime(self.endpoint.now(), usegmt=True)

    def send(self, status, body, content_type="text/xml;charset=UTF-8", length=None):
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()

    def do_GET(self):
        address = self.endpoint.scenario.get("addresses", {}).get(self.path)
        self.endpoint.write_request({"path": self.path})
        if address is None:
            self.send(404, "not found\n", "text/plain")
            return
        self.send(address.get("status", 200), address["body"], "text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = [(name.lower(), value) for name, value in self.headers.items()]
        if self.path != "/":
            self.send(404, "not found\n", "text/plain")
            return
        status, content, fault = self.endpoint.answer(headers, body)
        if fault:
            self.go_wrong(fault["kind"], content)
        else:
            self.send(status, content)

    def go_wrong(self, kind, content):
        half = content[: len(content) // 2]
        if kind == "throttle":
            refusal = Refusal(503, "RequestLimitExceeded", "Request limit exceeded.")
            self.send(503, error_xml(refusal))
        elif kind == "html502":
            self.send(502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html")
        elif kind == "empty503":
            self.send(503, "")
        elif kind == "truncated":
            self.send(200, half)
        elif kind == "cut":
            self.send(200, half, length=len(content))
            self.close_connection = True
        elif kind == "slow":
            self.send(200, half, length=len(content))
            time.sleep(LONGEST_SILENCE)
        elif kind == "hang_up":
            self.close_connection = True
        else:
            raise ValueError(kind)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):  # who hangs up while it is slow is no news
        pass


def main():
    path = pathlib.Path(sys.argv[1])
    Handler.endpoint = Endpoint(json.loads(path.read_text()), path.parent)
    server = Server(("127.0.0.1", 0), Handler)
    tls = Handler.endpoint.scenario.get("tls")
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls["certificate"], tls["key"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
