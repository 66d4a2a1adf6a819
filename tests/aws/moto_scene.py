"""moto's EC2, RDS and STS with their authentication switched on, and what a test needs in them.

Run by the Python that has moto. The first line of its output is JSON: url, group, rule, a role that
a workspace may take, and two keys, of a user that may all and of one that may only look. Each line of input is answered with the
rules as they are now. It ends when its input does."""

import json
import os
import sys

SETUP_CALLS = 11  # these are let in without a key; the ones after them need one
FREE_CALLS = int(sys.argv[1])  # some more: moto wants a key for AssumeRoleWithWebIdentity, too
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SETUP_CALLS + FREE_CALLS)

import boto3  # noqa: E402
from moto.core import DEFAULT_ACCOUNT_ID  # noqa: E402
from moto.ec2.models import ec2_backends  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

REGION = "ca-central-1"


def client(name, url):
    return boto3.client(
        name, endpoint_url=url, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b"
    )


def key_of_user(iam, name, actions):
    iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def role_of_workspaces(iam):
    trust = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity"}
    rights = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    role = iam.create_role(
        RoleName="workspace",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]
    document = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    iam.put_role_policy(RoleName="workspace", PolicyName="p", PolicyDocument=document)
    return role["Arn"]


def make_scene(url):
    ec2, iam, rds = client("ec2", url), client("iam", url), client("rds", url)
    rds.create_db_instance(
        DBInstanceIdentifier="cruddur-db-instance",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="cruddurroot",
        MasterUserPassword="of-no-use",
    )
    group = ec2.create_security_group(GroupName="db", Description="database")["GroupId"]
    rules = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 5432,
                "ToPort": 5432,
                "IpRanges": [{"CidrIp": "198.51.100.1/32", "Description": "GITPOD"}],
            }
        ],
    )["SecurityGroupRules"]
    return {
        "url": url,
        "group": group,
        "rule": rules[0]["SecurityGroupRuleId"],
        "role": role_of_workspaces(iam),
        "all": key_of_user(iam, "all", ["ec2:*", "rds:*"]),
        "look": key_of_user(iam, "look", "ec2:DescribeSecurityGroupRules"),
    }


def rules_of(group):
    backend = ec2_backends[DEFAULT_ACCOUNT_ID][REGION]
    rules = backend.get_security_group_from_id(group).ingress_rules
    return {rule.id: [rule.ip_range["CidrIp"], rule.ip_range["Description"]] for rule in rules}


def main():
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # the server's log
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    scene = make_scene(f"http://{host}:{port}")
    print(json.dumps(scene), file=output, flush=True)
    for _ in sys.stdin:
        print(json.dumps(rules_of(scene["group"])), file=output, flush=True)


main()
