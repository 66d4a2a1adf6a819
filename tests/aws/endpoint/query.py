"""The query protocol: forms to actions, and answers to XML."""

import base64
import re
import urllib.parse
from xml.sax.saxutils import escape

from signature import Refusal

RULE_FIELDS = r"(IpProtocol|FromPort|ToPort|CidrIpv4|CidrIpv6|PrefixListId|ReferencedGroupId|Description)"
KNOWN = {
    "DescribeSecurityGroupRules": r"DryRun|MaxResults|NextToken|SecurityGroupRuleId\.\d+|"
    r"Filter\.\d+\.(Name|Value\.\d+)",
    "ModifySecurityGroupRules": r"DryRun|GroupId|SecurityGroupRule\.1\.SecurityGroupRuleId|"
    r"SecurityGroupRule\.1\.SecurityGroupRule\." + RULE_FIELDS,
    "AuthorizeSecurityGroupIngress": r"DryRun|GroupId|IpPermissions\.1\.(IpProtocol|FromPort|ToPort|"
    r"IpRanges\.1\.(CidrIp|Description))",
    "RevokeSecurityGroupIngress": r"DryRun|GroupId|SecurityGroupRuleId\.1",
}


def form_fields(body):
    """Strict: each field once, with a value, and nothing between."""
    fields = {}
    for name, value in urllib.parse.parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True):
        if name in fields:
            raise Refusal(400, "InvalidParameterCombination", f"{name} is given twice")
        fields[name] = value
    return fields


def take_action(fields, version):
    action = fields.pop("Action", None)
    if fields.pop("Version", None) != version:
        raise Refusal(400, "InvalidAction", "the version is not known")
    if action not in KNOWN:
        raise Refusal(400, "InvalidAction", f"The action {action} is not valid for this web service.")
    for name in fields:
        if not re.fullmatch(KNOWN[action], name):
            raise Refusal(400, "UnknownParameter", f"The parameter {name} is not recognized")
    return action


def is_trial(fields):
    text = fields.pop("DryRun", "false")
    if text not in ("true", "false"):
        raise Refusal(400, "InvalidParameterValue", f"Invalid boolean {text}")
    return text == "true"


def page(rules, fields, page_size):
    """The rules of one page, and the next one's token."""
    if any(name.startswith("SecurityGroupRuleId.") for name in fields) and "MaxResults" in fields:
        raise Refusal(400, "InvalidParameterCombination", "ids and MaxResults exclude each other")
    start = 0
    if "NextToken" in fields:
        try:
            start = int(base64.b64decode(fields["NextToken"], validate=True))
        except ValueError:
            raise Refusal(400, "InvalidPaginationToken", "the token is not ours") from None
    size = int(fields.get("MaxResults", 1000))
    if not 5 <= size <= 1000:
        raise Refusal(400, "InvalidParameterValue", "MaxResults is from 5 to 1000")
    end = start + min(size, page_size)
    token = base64.b64encode(str(end).encode()).decode() if end < len(rules) else None
    return rules[start:end], token


def selected(groups, fields):
    """What a look's ids or filters choose."""
    rules = groups.looked_at()
    ids = [value for name, value in sorted(fields.items()) if name.startswith("SecurityGroupRuleId.")]
    if ids:
        return [groups.require_rule(rule_id, rules=rules) for rule_id in ids]
    chosen = list(rules.values())
    if fields.get("Filter.1.Name", "group-id") != "group-id" or "Filter.2.Name" in fields:
        raise Refusal(400, "InvalidParameterValue", "The filter is invalid")
    if "Filter.1.Value.1" in fields:
        chosen = [rule for rule in chosen if rule["group"] == fields["Filter.1.Value.1"]]
    return chosen


def element(name, value):
    return f"<{name}>{escape(str(value))}</{name}>"


def rule_xml(rule):
    text = element("securityGroupRuleId", rule["id"]) + element("groupId", rule["group"])
    text += element("groupOwnerId", "123456789012")
    text += element("isEgress", str(rule["egress"]).lower()) + element("ipProtocol", rule["protocol"])
    text += element("fromPort", rule["from"]) + element("toPort", rule["to"])
    for name in ("cidrIpv4", "cidrIpv6", "prefixListId"):
        if name in rule:
            text += element(name, rule[name])
    if "referencedGroupId" in rule:
        text += f"<referencedGroupInfo>{element('groupId', rule['referencedGroupId'])}</referencedGroupInfo>"
    if rule["description"]:
        text += element("description", rule["description"])
    return f"<item>{text}<tagSet/></item>"


def answer_xml(action, content):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response '
        f'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>{REQUEST_ID}</requestId>'
        f"{content}</{action}Response>"
    )


def identity_xml(key_id, key):
    credentials = element("AccessKeyId", key_id) + element("SecretAccessKey", key["secret"])
    credentials += element("SessionToken", key["token"]) + element("Expiration", "2999-01-01T00:00:00Z")
    return (
        '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<AssumeRoleWithWebIdentityResult><Credentials>{credentials}</Credentials>"
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    )


def rules_xml(rules, token=None):
    items = "".join(rule_xml(rule) for rule in rules)
    return f"<securityGroupRuleSet>{items}</securityGroupRuleSet>" + (
        element("nextToken", token) if token else ""
    )


def error_xml(refusal):
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>'
        f"{element('Code', refusal.code)}{element('Message', refusal.message)}</Error></Errors>"
        f"<RequestID>{REQUEST_ID}</RequestID></Response>"
    )


REQUEST_ID = "59dbff89-35bd-4eac-99ed-be587EXAMPLE"
