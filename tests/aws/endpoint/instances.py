"""RDS instances that go through their states as they are looked at."""

import datetime

from query import REQUEST_ID, element
from signature import Refusal

NEXT = {"starting": "available", "stopping": "stopped", "modifying": "available"}
LOOKS = 2  # that still see what leads to the next state


class Instances:
    VERSION = "2014-10-31"

    def __init__(self, states):
        self.states = dict(states)
        self.looks = {}

    def act(self, fields):
        action = fields.pop("Action")
        fields.pop("Version")
        name = fields.pop("DBInstanceIdentifier", None)
        if fields:
            raise Refusal(400, "InvalidParameterCombination", f"not known: {sorted(fields)}")
        if name not in self.states:
            raise Refusal(404, "DBInstanceNotFound", f"DBInstance {name} not found.")
        if action == "DescribeDBInstances":
            state = self.seen(name)
            content = f"<DBInstances>{instance_xml(name, state)}</DBInstances>"
        elif action in ("StartDBInstance", "StopDBInstance"):
            self.change(name, *(("stopped", "starting") if action[:5] == "Start" else ("available", "stopping")))
            content = instance_xml(name, self.states[name])
        else:
            raise Refusal(400, "InvalidAction", f"Could not find operation {action}")
        return (
            f'<{action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{action}Result>'
            f"{content}</{action}Result><ResponseMetadata>{element('RequestId', REQUEST_ID)}"
            f"</ResponseMetadata></{action}Response>"
        )

    def seen(self, name):
        state = self.states[name]
        if state in NEXT:
            self.looks[name] = self.looks.get(name, 0) + 1
            if self.looks[name] > LOOKS:
                self.states[name], self.looks[name] = NEXT[state], 0
        return self.states[name]

    def change(self, name, before, after):
        if self.states[name] != before:
            raise Refusal(400, "InvalidDBInstanceState", f"Instance {name} is not in {before} state")
        self.states[name], self.looks[name] = after, 0


def instance_xml(name, state):
    text = element("DBInstanceIdentifier", name) + element("DBInstanceStatus", state)
    text += element("DBInstanceClass", "db.t3.micro") + element("Engine", "postgres")
    text += element("EngineVersion", "15.8") + element("AllocatedStorage", 20)
    text += element("BackupRetentionPeriod", 7) + element("PubliclyAccessible", "true")
    text += element("DeletionProtection", "false")
    address = element("Address", f"{name}.abc.ca-central-1.rds.amazonaws.com") + element("Port", 5432)
    text += f"<Endpoint>{address}</Endpoint>"
    if state == "stopped":
        time = datetime.datetime(2030, 1, 8, 12, tzinfo=datetime.timezone.utc)
        text += element("AutomaticRestartTime", time.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return f"<DBInstance>{text}</DBInstance>"


def rds_error_xml(refusal):
    return (
        '<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type>'
        f"{element('Code', refusal.code)}{element('Message', refusal.message)}</Error>"
        f"{element('RequestId', REQUEST_ID)}</ErrorResponse>"
    )
