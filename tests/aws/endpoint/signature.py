"""Verifies Signature Version 4 as strictly as AWS does, from its description alone."""

import datetime
import hashlib
import hmac
import re
import urllib.parse

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
    time = time_of(date)
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


TOKEN_FIELDS = {"Action", "DBUser"} | {
    f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
}


def verify_token(token, keys, expected, now):
    """Throws Refusal for what is no token of RDS's IAM authentication, as its users' guide has it.

    expected: "host:port", the user and the region."""
    endpoint, user, region = expected
    place, _, query = token.partition("/?")
    fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True))
    key_id, _, scope = fields.get("X-Amz-Credential", "").partition("/")
    key = keys.get(key_id)
    if not key:
        raise Refusal(403, "InvalidClientTokenId", "the key is not known")
    wanted = TOKEN_FIELDS | ({"X-Amz-Security-Token"} if key.get("token") else set())
    date = fields.get("X-Amz-Date", "")
    said = (place, fields.get("DBUser"), scope)
    if said != (endpoint, user, f"{date[:8]}/{region}/rds-db/aws4_request"):
        raise Refusal(403, "SignatureDoesNotMatch", f"it is for {said}")
    constant = [fields.get(f"X-Amz-{name}") for name in ("Algorithm", "Expires", "SignedHeaders")]
    if set(fields) != wanted or fields["Action"] != "connect" or constant != ["AWS4-HMAC-SHA256", "900", "host"]:
        raise Refusal(403, "SignatureDoesNotMatch", "a field is missing, wrong or too much")
    if fields.get("X-Amz-Security-Token", "") != (key.get("token") or ""):
        raise Refusal(403, "InvalidClientTokenId", "the security token is not that of the key")
    age = (now - time_of(date)).total_seconds()
    if not -TOLERANCE <= age <= 900:
        raise Refusal(403, "RequestExpired", f"it is {age:.0f} seconds old")
    pairs = sorted((name, value) for name, value in fields.items() if name != "X-Amz-Signature")
    sorted_query = urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, safe="-_.~")
    nothing = hashlib.sha256(b"").hexdigest()
    canonical = f"GET\n/\n{sorted_query}\nhost:{endpoint}\n\nhost\n{nothing}"
    signature = scoped_signature(key["secret"], date, (date[:8], region, "rds-db"), canonical)
    if not hmac.compare_digest(fields["X-Amz-Signature"], signature):
        raise Refusal(403, "SignatureDoesNotMatch", "the signature is another one")


def time_of(date):
    try:
        return datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise Refusal(400, "IncompleteSignature", "X-Amz-Date is malformed") from None


def signature_of(secret, date, match, canonical):
    _, day, region, service, _, _ = match.groups()
    return scoped_signature(secret, date, (day, region, service), canonical)


def scoped_signature(secret, date, scope, canonical):
    day, region, service = scope
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
