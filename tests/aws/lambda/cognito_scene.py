"""A user pool whose PostConfirmation trigger is a function: cognito-local calls the official runtime
interface emulator, and that one runs a bootstrap. The AWS CLI signs people up. None of it is ours.

    cognito_scene.py SETTINGS.json

SETTINGS has `tools` (where install_tools.sh put them), `package`, the zip of the function, its
`environment`, and `folder`, an empty one. The first line on stdout is the port of the emulator; then each line of JSON on stdin,
the attributes of somebody who signs up and confirms, is answered by one: the user's `sub`, or
`failed` with what the CLI said. A string is an event that is sent to the emulator as it stands.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.request
import zipfile

SETTINGS = json.load(open(sys.argv[1], encoding="utf-8"))
CODE = "123456"
PASSWORD = "Sunny-day-42!"


def free_port():
    """None of those that outgoing connections get: they would take it before it is used."""
    for port in random.sample(range(10000, 20000), 100):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    sys.exit("no port is free")


def wait_for(port, process):
    for _ in range(300):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise Failed("nothing listens on port %d" % port)


def log(name):
    return open(os.path.join(SETTINGS["folder"], name), "ab")


def unpack(package):
    """As Lambda does it, with the files' modes; gives the bootstrap."""
    root = os.path.join(SETTINGS["folder"], "task")
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            os.chmod(archive.extract(entry, root), entry.external_attr >> 16 & 0o777)
    return os.path.join(root, "bootstrap")


def start_emulator(port):
    process = subprocess.Popen(
        [os.path.join(SETTINGS["tools"], "bin/aws-lambda-rie"),
         "--runtime-api-address", "127.0.0.1:%d" % free_port(),
         "--runtime-interface-emulator-address", "127.0.0.1:%d" % port,
         unpack(SETTINGS["package"])],
        env=SETTINGS["environment"], cwd=SETTINGS["folder"], stdin=subprocess.DEVNULL,
        stdout=log("emulator.log"), stderr=log("emulator.log"))
    wait_for(port, process)
    return process


def start_cognito(port, emulator_port):
    folder = os.path.join(SETTINGS["folder"], "cognito")
    os.makedirs(os.path.join(folder, ".cognito"))
    with open(os.path.join(folder, ".cognito/config.json"), "w", encoding="utf-8") as file:
        json.dump({"LambdaClient": {"endpoint": "http://127.0.0.1:%d" % emulator_port,
                                    "region": "ca-central-1",
                                    "credentials": {"accessKeyId": "x", "secretAccessKey": "x"}},
                   "TriggerFunctions": {"PostConfirmation": "function"}}, file)
    process = subprocess.Popen(
        ["node", os.path.join(SETTINGS["tools"],
                              "cognito/node_modules/cognito-local/lib/bin/start.js")],
        env={"PATH": os.environ["PATH"], "HOME": folder, "PORT": str(port), "HOST": "127.0.0.1",
             "CODE": CODE, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
             "AWS_REGION": "ca-central-1"},
        cwd=folder, stdin=subprocess.DEVNULL, stdout=log("cognito.log"), stderr=log("cognito.log"))
    wait_for(port, process)
    return process


class Failed(Exception):
    pass


class Pool:
    def __init__(self, port):
        self.url = "http://127.0.0.1:%d" % port
        made = self.ask("create-user-pool", "--pool-name", "cruddur")
        client = self.ask("create-user-pool-client", "--client-name", "browser",
                          "--user-pool-id", made["UserPool"]["Id"])
        self.client = client["UserPoolClient"]["ClientId"]

    def ask(self, *words):
        result = subprocess.run(
            ["/usr/bin/aws", "cognito-idp", *words, "--endpoint-url", self.url, "--output", "json"],
            env={"PATH": "/usr/bin:/bin", "HOME": SETTINGS["folder"], "AWS_ACCESS_KEY_ID": "x",
                 "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "ca-central-1"},
            capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise Failed(result.stderr)
        return json.loads(result.stdout) if result.stdout.strip() else {}

    def sign_up(self, attributes):
        made = self.ask("sign-up", "--client-id", self.client, "--username", attributes["email"],
                        "--password", PASSWORD, "--user-attributes",
                        json.dumps([{"Name": name, "Value": value}
                                    for name, value in attributes.items()]))
        self.ask("confirm-sign-up", "--client-id", self.client, "--username", attributes["email"],
                 "--confirmation-code", CODE)
        return made["UserSub"]


def invoke(port, event):
    request = urllib.request.Request(
        "http://127.0.0.1:%d/2015-03-31/functions/function/invocations" % port, event.encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


PROCESSES = []


def end(*_):
    """Whoever started this closes stdin and sends SIGTERM at once: nothing may be left by either."""
    for process in PROCESSES:
        process.kill()
    os._exit(0)


def main():
    signal.signal(signal.SIGTERM, end)
    emulator_port, cognito_port = free_port(), free_port()
    PROCESSES.append(start_emulator(emulator_port))
    PROCESSES.append(start_cognito(cognito_port, emulator_port))
    pool = Pool(cognito_port)
    print(emulator_port, flush=True)
    for line in sys.stdin:
        wish = json.loads(line)
        try:
            answer = (invoke(emulator_port, wish) if isinstance(wish, str)
                      else {"sub": pool.sign_up(wish)})
        except Failed as failure:
            answer = {"failed": str(failure)}
        print(json.dumps(answer), flush=True)


try:
    main()
except Exception:  # what end() would keep from being shown
    traceback.print_exc()
end()
