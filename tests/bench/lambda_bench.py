"""Times crudctl as a function against the same trigger in Python with psycopg2, both under the
official runtime interface emulator, in turns; prints a table, and puts it into a README.

    lambda_bench.py --tools FOLDER --package ZIP --cluster FOLDER [--readme FILE] [--repeats N]
                    [--events N]

FOLDER of the tools is install_tools.sh's; `python` in it is a virtual environment with awslambdaric,
AWS's own runtime, and psycopg2.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request
import zipfile

HANDLER = '''
import os
import psycopg2

connection = psycopg2.connect(os.environ["FUNCTION_URL"])
connection.autocommit = True


def handler(event, context):
    attributes = event["request"]["userAttributes"]
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into users (display_name, handle, email, cognito_user_id)"
            " values (%s, %s, %s, %s) on conflict (cognito_user_id) do nothing",
            (attributes["name"], attributes["preferred_username"], attributes["email"],
             attributes["sub"]))
    return event
'''


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", required=True)
    parser.add_argument("--package", required=True)
    parser.add_argument("--cluster", required=True)
    parser.add_argument("--readme")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--events", type=int, default=300)
    return parser.parse_args()


def cluster(folder):
    text = open(os.path.join(folder, "cluster.env"), encoding="utf-8").read()
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def event(number):
    return json.dumps({
        "version": "1", "triggerSource": "PostConfirmation_ConfirmSignUp",
        "region": "ca-central-1", "userPoolId": "ca-central-1_EXAMPLE01", "userName": str(number),
        "callerContext": {"awsSdkVersion": "x", "clientId": "x"},
        "request": {"userAttributes": {
            "sub": str(number), "name": "Somebody %d" % number,
            "preferred_username": "somebody_%d" % number,
            "email": "s%d@cruddur.example" % number}}, "response": {}}).encode()


class Way:
    """A bootstrap, and what was measured of it."""

    def __init__(self, name, bootstrap, size):
        self.name, self.bootstrap, self.size = name, bootstrap, size
        self.cold, self.warm, self.memory = [], [], []


def invoke(port, body):
    request = urllib.request.Request(
        "http://127.0.0.1:%d/2015-03-31/functions/function/invocations" % port, body)
    started = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    seconds = time.perf_counter() - started
    assert json.loads(text) == json.loads(body), text
    return seconds


def peak_of_children(process):
    """VmHWM of what the emulator started, in kB."""
    peaks = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                status = open("/proc/%s/status" % name, encoding="utf-8").read()
            except OSError:
                continue
            if re.search(r"^PPid:\t%d$" % process.pid, status, re.M):
                peaks.append(int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M).group(1)))
    return max(peaks)


def run_once(options, way, url, first):
    port = free_port()
    process = subprocess.Popen(
        [os.path.join(options.tools, "bin/aws-lambda-rie"), "--log-level", "error",
         "--runtime-api-address", "127.0.0.1:%d" % free_port(),
         "--runtime-interface-emulator-address", "127.0.0.1:%d" % port, way.bootstrap],
        env={"FUNCTION_URL": url, "PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        way.cold.append(invoke(port, event(first)))
        way.warm += [invoke(port, event(first + at)) for at in range(1, options.events)]
        way.memory.append(peak_of_children(process))
    finally:
        process.terminate()
        process.wait()


def crudctl_way(options, folder):
    root = os.path.join(folder, "crudctl")
    with zipfile.ZipFile(options.package) as archive:
        for entry in archive.infolist():
            os.chmod(archive.extract(entry, root), entry.external_attr >> 16 & 0o777)
    return Way("crudctl", os.path.join(root, "bootstrap"), os.path.getsize(options.package))


def python_way(options, folder):
    """With AWS's runtime and psycopg2 in the package, and the interpreter of this machine."""
    root = os.path.join(folder, "python")
    site = subprocess.run(
        [os.path.join(options.tools, "python/bin/python"), "-c",
         "import sysconfig; print(sysconfig.get_path('platlib'))"],
        capture_output=True, text=True, check=True).stdout.strip()
    os.makedirs(root)
    for name in os.listdir(site):
        if re.match(r"(awslambdaric|psycopg2|simplejson|snapshot_restore|runtime_client)", name):
            source = os.path.join(site, name)
            copy = shutil.copytree if os.path.isdir(source) else shutil.copy
            copy(source, os.path.join(root, name))
    open(os.path.join(root, "function.py"), "w", encoding="utf-8").write(HANDLER)
    bootstrap = os.path.join(root, "bootstrap")
    with open(bootstrap, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\ncd "${0%%/*}"\nexport PYTHONPATH=$PWD LAMBDA_TASK_ROOT=$PWD\n'
                   'exec "%s" -m awslambdaric function.handler\n'
                   % os.path.realpath(os.path.join(options.tools, "python/bin/python")))
    os.chmod(bootstrap, 0o755)
    subprocess.run([bootstrap], env={}, check=False, capture_output=True)  # compiles the modules
    packed = shutil.make_archive(os.path.join(folder, "python"), "zip", root)
    return Way("Python, psycopg2", bootstrap, os.path.getsize(packed))


def table(options, ways, version):
    lines = ["Median of %d starts and of %d events each, in turns, under AWS's runtime interface "
             "emulator on 2 cores; PostgreSQL %s on the same machine. A start is everything from the "
             "call to its answer, with a log-in and an insert; Python's has its modules compiled, and "
             "its interpreter is not in its package."
             % (options.repeats, options.events - 1, version),
             "",
             "| function | first event | each further one | 99 of 100 | memory | package |",
             "|---|--:|--:|--:|--:|--:|"]
    for way in ways:
        centiles = statistics.quantiles(way.warm, n=100)
        lines.append("| %s | %.0f ms | %.1f ms | %.1f ms | %.0f MiB | %.1f MiB |" % (
            way.name, statistics.median(way.cold) * 1000, statistics.median(way.warm) * 1000,
            centiles[98] * 1000, max(way.memory) / 1024, way.size / 1024 / 1024))
    return "\n".join(lines)


def main():
    options = arguments()
    server = cluster(options.cluster)
    psql = ["psql", "-X", "-q", "-A", "-t", "-h", server["host"], "-p", server["port"],
            "-U", "postgres"]

    def ask(database, *words):
        return subprocess.run([*psql, "-d", database, *words], check=True, capture_output=True,
                              text=True).stdout.strip()

    url = "postgresql://postgres:%s@127.0.0.1:%s/lambda_bench" % (server["password"],
                                                                 server["port"])
    ask("postgres", "-c", "create database lambda_bench")
    ask("lambda_bench", "-f", "sql/schema.sql")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        ways = [crudctl_way(options, folder), python_way(options, folder)]
        number = 0
        for _ in range(options.repeats):
            for way in ways:
                run_once(options, way, url, number)
                number += options.events
    count = int(ask("lambda_bench", "-c", "select count(*) from users"))
    assert count == number, (count, number)
    version = ask("lambda_bench", "-c", "show server_version").split()[0]
    ask("postgres", "-c", "drop database lambda_bench with (force)")
    text = table(options, ways, version)
    print(text)
    if options.readme:
        page = open(options.readme, encoding="utf-8").read()
        page = re.sub(r"(<!-- lambda -->\n).*?(<!-- /lambda -->)",
                      lambda match: match.group(1) + "\n" + text + "\n\n" + match.group(2), page,
                      flags=re.S)
        open(options.readme, "w", encoding="utf-8").write(page)


main()
