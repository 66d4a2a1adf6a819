"""Security groups as EC2 keeps them: strict about what it is sent."""

import copy
import ipaddress
import itertools
import re

from signature import Refusal

TARGETS = {
    "CidrIpv4": "cidrIpv4",
    "CidrIpv6": "cidrIpv6",
    "PrefixListId": "prefixListId",
    "ReferencedGroupId": "referencedGroupId",
}
NAMES = {"cidrIpv4": "IPv4 CIDR", "referencedGroupId": "referenced group id", "cidrIpv6": "IPv6 CIDR"}
DESCRIPTION = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}")


def network(text, version):
    """The canonical form of a CIDR block."""
    try:
        if "/" not in text:
            raise ValueError
        block = ipaddress.ip_network(text, strict=False)
        if block.version != version:
            raise ValueError
    except ValueError:
        raise Refusal(400, "InvalidParameterValue", f"CIDR block {text} is malformed") from None
    return str(block)


def port(text):
    if not re.fullmatch(r"\d{1,5}", text or "") or int(text) > 65535:
        raise Refusal(400, "InvalidParameterValue", f"Invalid value '{text}' for port")
    return int(text)


class Groups:
    def __init__(self, rules, lag):
        self.rules = {rule["id"]: rule for rule in rules}
        self.groups = {rule["group"] for rule in rules}
        self.numbers = itertools.count(0xABC000)
        self.lag = lag  # how many looks still see what was before a change
        self.old, self.old_looks = None, 0

    def looked_at(self):
        """What a look sees."""
        if self.old_looks > 0:
            self.old_looks -= 1
            return self.old
        return self.rules

    def about_to_change(self):
        self.old, self.old_looks = copy.deepcopy(self.rules), self.lag

    def require_group(self, group):
        if not re.fullmatch(r"sg-[0-9a-f]{8,17}", group or ""):
            raise Refusal(400, "InvalidGroupId.Malformed", f'Invalid id: "{group}"')
        if group not in self.groups:
            raise Refusal(400, "InvalidGroup.NotFound", f"The security group '{group}' does not exist")

    def require_rule(self, rule_id, group=None, rules=None):
        if not re.fullmatch(r"sgr-[0-9a-f]{8,17}", rule_id or ""):
            raise Refusal(400, "InvalidSecurityGroupRuleId.Malformed", f'Invalid id: "{rule_id}"')
        rule = (rules if rules is not None else self.rules).get(rule_id)
        if rule is None or (group and rule["group"] != group):
            raise Refusal(
                400,
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{rule_id}' does not exist",
            )
        return rule

    def checked(self, fields, group, egress):
        """A rule of these fields, not kept yet."""
        targets = [name for name in TARGETS if name in fields]
        if len(targets) > 1:
            raise Refusal(400, "InvalidParameterCombination", f"only one of {targets}")
        if not targets:
            raise Refusal(400, "MissingParameter", "exactly one target is wanted")
        if not DESCRIPTION.fullmatch(fields.get("Description", "")):
            raise Refusal(400, "InvalidParameterValue", "Invalid rule description")
        if fields.get("IpProtocol") not in ("tcp", "udp", "icmp", "-1"):
            raise Refusal(400, "InvalidParameterValue", "Invalid value for IP protocol")
        rule = {
            "group": group,
            "egress": egress,
            "protocol": fields["IpProtocol"],
            "from": port(fields.get("FromPort")),
            "to": port(fields.get("ToPort")),
            "description": fields.get("Description", ""),
        }
        value = fields[targets[0]]
        if targets[0].startswith("Cidr"):
            value = network(value, int(targets[0][-1]))
        rule[TARGETS[targets[0]]] = value
        return rule

    def require_no_twin(self, rule, own_id=None):
        def key(other):
            return {name: value for name, value in other.items() if name not in ("id", "description")}

        for other in self.rules.values():
            if other["id"] != own_id and key(other) == key(rule):
                raise Refusal(
                    400, "InvalidPermission.Duplicate", "the specified rule already exists"
                )

    def modify(self, fields):
        self.require_group(fields.get("GroupId"))
        prefix = "SecurityGroupRule.1.SecurityGroupRule."
        rule_id = fields.get("SecurityGroupRule.1.SecurityGroupRuleId")
        before = self.require_rule(rule_id, fields["GroupId"])
        given = {name[len(prefix) :]: value for name, value in fields.items() if name.startswith(prefix)}
        after = self.checked(given, before["group"], before["egress"])
        after["id"] = rule_id
        kind = next(name for name in TARGETS.values() if name in after)
        if kind not in before:
            old = next(name for name in TARGETS.values() if name in before)
            raise Refusal(
                400,
                "InvalidParameterValue",
                f"You may not specify an {NAMES[kind]} for an existing {NAMES[old]} rule",
            )
        self.require_no_twin(after, rule_id)

        def change():
            self.rules[rule_id] = after
            return []

        return change

    def authorize(self, fields):
        self.require_group(fields.get("GroupId"))
        prefix = "IpPermissions.1."
        given = {
            "IpProtocol": fields.get(prefix + "IpProtocol"),
            "FromPort": fields.get(prefix + "FromPort"),
            "ToPort": fields.get(prefix + "ToPort"),
            "Description": fields.get(prefix + "IpRanges.1.Description", ""),
        }
        if prefix + "IpRanges.1.CidrIp" in fields:
            given["CidrIpv4"] = fields[prefix + "IpRanges.1.CidrIp"]
        rule = self.checked(given, fields["GroupId"], False)
        self.require_no_twin(rule)

        def change():
            rule["id"] = f"sgr-{next(self.numbers):017x}"
            self.rules[rule["id"]] = rule
            return [rule]

        return change

    def revoke(self, fields):
        self.require_group(fields.get("GroupId"))
        rule_id = fields.get("SecurityGroupRuleId.1")
        self.require_rule(rule_id, fields["GroupId"])

        def change():
            del self.rules[rule_id]
            return []

        return change
