"""Verifies Signature Version 4 as strictly as AWS does, from its description alone."""

import datetime
import hashlib
import hmac
import re

TOLERANCE = 300  # seconds, either way
FORM = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\d{8})/([^/, ]+)/([^/, ]+)/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


class Refusal(Exception):
    """An answer that says no."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


def verify(headers, body, keys, expected, now):
    """Gives the key that the request was signed with; throws Refusal.

    headers: (name, value) pairs as they came; keys: by id, with secret and token; expected: the
    region and the service; now: a datetime."""
    for name in ("authorization", "x-amz-date", "host", "content-type"):
        if len([1 for other, _ in headers if other == name]) != 1:
            raise Refusal(403, "MissingAuthenticationToken", f"{name} is wanted once")
    values = dict(headers)
    match = FORM.fullmatch(values["authorization"])
    if not match:
        raise Refusal(400, "IncompleteSignature", "the Authorization header is malformed")
    key_id, day, region, service, names, signature = match.groups()
    key = keys.get(key_id)
    if not key:
        raise Refusal(401, "AuthFailure", "AWS was not able to validate the provided access credentials")
    require_scope(values["x-amz-date"], day, now)
    if (region, service) != expected:
        raise Refusal(403, "SignatureDoesNotMatch", f"Credential should be scoped to {expected}")
    require_headers(names.split(";"), values)
    canonical = canonical_request(names.split(";"), values, body)
    if not hmac.compare_digest(signature, signature_of(key["secret"], values["x-amz-date"], match, canonical)):
        raise Refusal(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided."
            f" The Canonical String for this request should have been\n'{canonical}'",
        )
    if values.get("x-amz-security-token", "") != (key.get("token") or ""):
        raise Refusal(401, "AuthFailure", "the security token is not that of the key")
    if key.get("expired"):
        raise Refusal(400, "ExpiredToken", "The security token included in the request is expired")
    return key


def require_scope(date, day, now):
    try:
        time = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refusal(400, "IncompleteSignature", "X-Amz-Date is malformed") from None
    if date[:8] != day:
        raise Refusal(403, "SignatureDoesNotMatch", "Date in Credential scope does not match")
    if abs((time - now).total_seconds()) > TOLERANCE:
        raise Refusal(400, "RequestExpired", f"Request has expired. Timestamp date is {date}")


def require_headers(names, values):
    """All that means something has to be signed, and nothing else may be named."""
    wanted = {"host", "content-type"} | {name for name in values if name.startswith("x-amz-")}
    if names != sorted(set(names)) or not wanted <= set(names) or not set(names) <= set(values):
        raise Refusal(403, "SignatureDoesNotMatch", f"SignedHeaders are {names}")


def canonical_request(names, values, body):
    lines = "".join(f"{name}:{' '.join(values[name].split())}\n" for name in names)
    return f"POST\n/\n\n{lines}\n{';'.join(names)}\n{hashlib.sha256(body).hexdigest()}"


def signature_of(secret, date, match, canonical):
    _, day, region, service, _, _ = match.groups()
    key = b"AWS4" + secret.encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(
        (
            "AWS4-HMAC-SHA256",
            date,
            f"{day}/{region}/{service}/aws4_request",
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
