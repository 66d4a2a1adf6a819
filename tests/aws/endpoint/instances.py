"""RDS instances and their snapshots, which go through their states as they are looked at."""

import datetime
import re

from query import REQUEST_ID, element
from signature import Refusal

NEXT = {
    "starting": "available",
    "stopping": "stopped",
    "modifying": "available",
    "creating": "backing-up",
    "backing-up": "available",
    "deleting": None,
}
LOOKS = 2  # that still see what leads to the next state
FLAGS = ("StorageEncrypted", "PubliclyAccessible", "DeletionProtection", "EnableIAMDatabaseAuthentication")
CREATE_FIELDS = FLAGS + (
    "DBInstanceIdentifier",
    "DBInstanceClass",
    "Engine",
    "EngineVersion",
    "AllocatedStorage",
    "Port",
    "BackupRetentionPeriod",
    "AvailabilityZone",
    "DBName",
    "MasterUsername",
    "MasterUserPassword",
    "ManageMasterUserPassword",
    "VpcSecurityGroupIds.VpcSecurityGroupId.1",
)
KNOWN = {
    "DescribeDBInstances": ("DBInstanceIdentifier",),
    "StartDBInstance": ("DBInstanceIdentifier",),
    "StopDBInstance": ("DBInstanceIdentifier",),
    "CreateDBInstance": CREATE_FIELDS,
    "DeleteDBInstance": ("DBInstanceIdentifier", "SkipFinalSnapshot", "FinalDBSnapshotIdentifier"),
    "CreateDBSnapshot": ("DBInstanceIdentifier", "DBSnapshotIdentifier"),
    "DescribeDBSnapshots": ("DBInstanceIdentifier", "DBSnapshotIdentifier", "Marker"),
    "GetMetricStatistics": (
        "Namespace",
        "MetricName",
        "Dimensions.member.1.Name",
        "Dimensions.member.1.Value",
        "StartTime",
        "EndTime",
        "Period",
        "Statistics.member.1",
    ),
}
NAMESPACES = {"2014-10-31": "rds.amazonaws.com", "2010-08-01": "monitoring.amazonaws.com"}
AT_FIRST = {
    "DBInstanceClass": "db.t3.micro",
    "Engine": "postgres",
    "EngineVersion": "15.8",
    "AllocatedStorage": 20,
    "BackupRetentionPeriod": 7,
    "PubliclyAccessible": "true",
    "DeletionProtection": "false",
    "MasterUsername": "cruddurroot",
    "Port": 5432,
}


class Instances:
    """scenes: by name a state, or a dict of "state" and of what differs from AT_FIRST; snapshots:
    dicts of "id", "instance" and "created"."""

    def __init__(self, scenes, snapshots=(), now=None):
        self.now = now
        self.all = {}
        for name, scene in scenes.items():
            fields = {"state": scene} if isinstance(scene, str) else scene
            self.all[name] = AT_FIRST | {"DbiResourceId": f"db-{name.upper()}", "looks": 0} | fields
        self.snapshots = {each["id"]: {"state": "available", "looks": 0} | each for each in snapshots}

    def act(self, fields):
        action = fields.pop("Action")
        version = fields.pop("Version")
        if action not in KNOWN or (action == "GetMetricStatistics") != (version == "2010-08-01"):
            raise Refusal(400, "InvalidAction", f"Could not find operation {action}")
        unknown = set(fields) - set(KNOWN[action])
        if unknown:
            raise Refusal(400, "InvalidParameterCombination", f"not known: {sorted(unknown)}")
        content = getattr(self, action)(fields)
        return (
            f'<{action}Response xmlns="http://{NAMESPACES[version]}/doc/{version}/"><{action}Result>'
            f"{content}</{action}Result><ResponseMetadata>{element('RequestId', REQUEST_ID)}"
            f"</ResponseMetadata></{action}Response>"
        )

    def require(self, fields):
        name = fields.get("DBInstanceIdentifier")
        if name not in self.all:
            raise Refusal(404, "DBInstanceNotFound", f"DBInstance {name} not found.")
        return name, self.all[name]

    def DescribeDBInstances(self, fields):
        name, instance = self.require(fields)
        if not look_at(instance):
            del self.all[name]
            self.require(fields)
        return f"<DBInstances>{instance_xml(name, instance)}</DBInstances>"

    def StartDBInstance(self, fields):
        return self.change(fields, ("stopped",), "starting")

    def StopDBInstance(self, fields):
        return self.change(fields, ("available",), "stopping")

    def change(self, fields, before, after):
        name, instance = self.require(fields)
        if instance["state"] not in before:
            raise Refusal(400, "InvalidDBInstanceState", f"Instance {name} is not in {before} state")
        instance["state"], instance["looks"] = after, 0
        return instance_xml(name, instance)

    def CreateDBInstance(self, fields):
        name = fields["DBInstanceIdentifier"]
        if name in self.all:
            raise Refusal(400, "DBInstanceAlreadyExists", "DB instance already exists")
        if not re.fullmatch("[a-zA-Z](-?[a-zA-Z0-9])*", name):
            raise Refusal(400, "InvalidParameterValue", "The parameter DBInstanceIdentifier is not valid")
        require_flags(fields, FLAGS)
        if ("MasterUserPassword" in fields) == (fields.get("ManageMasterUserPassword") == "true"):
            raise Refusal(400, "InvalidParameterCombination", "one password is wanted")
        if not re.fullmatch('[!-~]{8,128}', fields.get("MasterUserPassword", "managed-one")) or re.search(
            '[/"@]', fields.get("MasterUserPassword", "")
        ):
            raise Refusal(400, "InvalidParameterValue", "The parameter MasterUserPassword is not valid")
        if fields["Engine"] != "postgres" or fields["MasterUsername"] in ("admin", "rdsadmin"):
            raise Refusal(400, "InvalidParameterValue", "engine or user are not valid")
        if not re.fullmatch("[a-zA-Z][a-zA-Z0-9_]{0,62}", fields.get("DBName", "d")):
            raise Refusal(400, "InvalidParameterValue", "DBName must begin with a letter")
        version = fields.get("EngineVersion", "16")
        made = dict(fields) | {"EngineVersion": version if "." in version else version + ".4"}
        self.all[name] = made | {"state": "creating", "looks": 0, "DbiResourceId": f"db-NEW{len(self.all)}"}
        return instance_xml(name, self.all[name])

    def DeleteDBInstance(self, fields):
        require_flags(fields, ("SkipFinalSnapshot",))
        snapshot = fields.get("FinalDBSnapshotIdentifier")
        if (fields["SkipFinalSnapshot"] == "true") == bool(snapshot):
            raise Refusal(400, "InvalidParameterCombination", "FinalDBSnapshotIdentifier is required, or isn't")
        name, instance = self.require(fields)
        if instance["DeletionProtection"] == "true":
            raise Refusal(400, "InvalidParameterCombination", "Cannot delete protected DB Instance")
        if instance["state"] not in ("available", "stopped", "failed"):
            raise Refusal(400, "InvalidDBInstanceState", f"Instance {name} is {instance['state']}")
        if snapshot:
            self.make_snapshot(snapshot, name)
        return self.change(fields, (instance["state"],), "deleting")

    def CreateDBSnapshot(self, fields):
        name, instance = self.require(fields)
        if instance["state"] != "available":
            raise Refusal(400, "InvalidDBInstanceState", f"Instance {name} is not in available state")
        return self.make_snapshot(fields["DBSnapshotIdentifier"], name)

    def make_snapshot(self, snapshot, instance):
        if snapshot in self.snapshots:
            raise Refusal(400, "DBSnapshotAlreadyExists", f"snapshot {snapshot} exists")
        if not re.fullmatch("[a-zA-Z](-?[a-zA-Z0-9])*", snapshot):
            raise Refusal(400, "InvalidParameterValue", "Only letters, digits, and single hyphens")
        made = {"id": snapshot, "instance": instance, "state": "creating", "looks": 0}
        made["fails"] = self.all[instance].get("snapshots_fail", False)
        self.snapshots[snapshot] = made
        return snapshot_xml(made)

    def DescribeDBSnapshots(self, fields):
        wanted = fields.get("DBSnapshotIdentifier")
        if wanted and wanted not in self.snapshots:
            raise Refusal(404, "DBSnapshotNotFound", f"DBSnapshot {wanted} not found.")
        chosen = [
            each
            for each in self.snapshots.values()
            if each["id"] == (wanted or each["id"])
            and each["instance"] == fields.get("DBInstanceIdentifier", each["instance"])
        ]
        start = int(fields.get("Marker", 0))  # a page has one
        for each in chosen[start : start + 1]:
            self.advance(each)
        content = "".join(snapshot_xml(each) for each in chosen[start : start + 1])
        marker = element("Marker", start + 1) if start + 1 < len(chosen) else ""
        return f"<DBSnapshots>{content}</DBSnapshots>{marker}"

    def GetMetricStatistics(self, fields):
        missing = set(KNOWN["GetMetricStatistics"]) - set(fields)
        if missing:
            raise Refusal(400, "MissingParameter", f"missing: {sorted(missing)}")
        said = [fields[name] for name in ("Namespace", "MetricName", "Dimensions.member.1.Name")]
        start, end = (datetime.datetime.fromisoformat(fields[name][:-1] + "+00:00") for name in ("StartTime", "EndTime"))
        points = ""
        instance = self.all.get(fields["Dimensions.member.1.Value"], {})
        if said == ["AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier"] and start < end:
            # In no order, and not only the newest.
            for seconds, free in ((600, 1), (60, instance.get("free", 0)), (300, 1)) if "free" in instance else ():
                time = (end - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:00Z")
                value = element(fields["Statistics.member.1"], f"{float(free):E}")
                points += f"<member>{element('Timestamp', time)}{value}{element('Unit', 'Bytes')}</member>"
        return f"<Label>FreeStorageSpace</Label><Datapoints>{points}</Datapoints>"

    def advance(self, snapshot):
        if snapshot["state"] != "creating":
            return
        snapshot["looks"] += 1
        if snapshot["looks"] > LOOKS:
            snapshot["state"] = "failed" if snapshot.get("fails") else "available"
            snapshot["created"] = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")


def require_flags(fields, names):
    for name in names:
        if fields.get(name) not in ("true", "false"):
            raise Refusal(400, "InvalidParameterValue", f"{name} is no boolean")


def look_at(instance):
    """False where it is gone."""
    if instance["state"] in NEXT:
        instance["looks"] += 1
        if instance["looks"] > LOOKS:
            instance["state"], instance["looks"] = NEXT[instance["state"]], 0
    return instance["state"] is not None


def instance_xml(name, instance):
    text = element("DBInstanceIdentifier", name) + element("DBInstanceStatus", instance["state"])
    for field in ("DBInstanceClass", "Engine", "EngineVersion", "AllocatedStorage", "BackupRetentionPeriod"):
        text += element(field, instance[field])
    for field in ("PubliclyAccessible", "DeletionProtection", "DbiResourceId", "MasterUsername"):
        text += element(field, instance[field])
    if instance["state"] != "creating":
        host = instance.get("host", f"{name}.abc.ca-central-1.rds.amazonaws.com")
        address = element("Address", host) + element("Port", instance["Port"])
        text += f"<Endpoint>{address}</Endpoint>" + element("InstanceCreateTime", "2029-12-01T12:00:00.5Z")
    groups = "".join(
        f"<VpcSecurityGroupMembership>{element('VpcSecurityGroupId', group)}</VpcSecurityGroupMembership>"
        for group in instance.get("groups", [])
    )
    text += f"<VpcSecurityGroups>{groups}</VpcSecurityGroups>"
    if instance.get("ManageMasterUserPassword") == "true":
        secret = element("SecretArn", f"arn:aws:secretsmanager:ca-central-1:123456789012:secret:rds!{name}")
        text += f"<MasterUserSecret>{secret}</MasterUserSecret>"
    if instance["state"] == "stopped":
        time = datetime.datetime(2030, 1, 8, 12, tzinfo=datetime.timezone.utc)
        text += element("AutomaticRestartTime", time.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return f"<DBInstance>{text}</DBInstance>"


def snapshot_xml(snapshot):
    text = element("DBSnapshotIdentifier", snapshot["id"])
    text += element("DBInstanceIdentifier", snapshot["instance"]) + element("Status", snapshot["state"])
    text += element("AllocatedStorage", 20)
    text += element("PercentProgress", 40 * snapshot["looks"] if snapshot["state"] == "creating" else 100)
    if snapshot.get("created"):
        text += element("SnapshotCreateTime", snapshot["created"])
    return f"<DBSnapshot>{text}</DBSnapshot>"


def rds_error_xml(refusal):
    return (
        '<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type>'
        f"{element('Code', refusal.code)}{element('Message', refusal.message)}</Error>"
        f"{element('RequestId', REQUEST_ID)}</ErrorResponse>"
    )
