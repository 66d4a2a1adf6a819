#include "aws/error_code.hpp"

#include <algorithm>
#include <array>

namespace crudctl::aws {

namespace {

using Codes = std::initializer_list<std::string_view>;

bool contains(Codes codes, std::string_view code)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

struct Advice {
    std::string_view code;
    std::string_view hint;
};

constexpr std::string_view check_key =
    "check the access key; `aws sts get-caller-identity` tells whose it is";
constexpr std::string_view check_clock = "check this machine's clock, then the access key";
constexpr std::string_view renew = "the credentials ran out: log in again, or renew the token";
constexpr std::string_view check_group =
    "check aws.security_group (or DB_SG_ID) and the region: ids differ between regions";

/// Sorted by what they are about.
constexpr std::array advices = {
    Advice{"InvalidSecurityGroupRuleId.NotFound",
           "the rule was deleted, or is in another region or account; `crudctl update-sg-rule` "
           "looks for one by description where no id is set"},
    Advice{"InvalidSecurityGroupRuleId.Malformed",
           "aws.security_group_rule (or DB_SG_RULE_ID) is an id that begins with sgr-"},
    Advice{"InvalidGroup.NotFound", check_group},
    Advice{"InvalidGroupId.Malformed", check_group},
    Advice{"RulesPerSecurityGroupLimitExceeded",
           "the group is full: remove rules that nobody needs"},
    Advice{"UnauthorizedOperation",
           "the user lacks a right: ec2:DescribeSecurityGroupRules and "
           "ec2:ModifySecurityGroupRules are needed, to make a rule "
           "ec2:AuthorizeSecurityGroupIngress, to remove one ec2:RevokeSecurityGroupIngress"},
    Advice{"InsufficientDBInstanceCapacity",
           "the zone has none of this class left: aws.zone or aws.instance_class, or later"},
    Advice{"InstanceQuotaExceeded", "the account has as many instances as it may"},
    Advice{"SnapshotQuotaExceeded", "the account has as many snapshots as it may"},
    Advice{"AccessDenied", "the user lacks a right for this in IAM"},
    Advice{"AuthFailure", check_clock},
    Advice{"SignatureDoesNotMatch", check_clock},
    Advice{"InvalidSignatureException", check_clock},
    Advice{"RequestTimeTooSkewed", check_clock},
    Advice{"RequestInTheFuture", check_clock},
    Advice{"RequestExpired", check_clock},
    Advice{"InvalidClientTokenId", check_key},
    Advice{"UnrecognizedClientException", check_key},
    Advice{"MissingAuthenticationToken", check_key},
    Advice{"IncompleteSignature", check_key},
    Advice{"ExpiredToken", renew},
    Advice{"ExpiredTokenException", renew},
    Advice{"OptInRequired", "the account has not enabled this region or service"},
};

} // namespace

bool is_throttling(std::string_view code)
{
    return contains({"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
                     "RequestThrottledException", "TooManyRequestsException",
                     "ProvisionedThroughputExceededException", "TransactionInProgressException",
                     "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
                     "SlowDown", "EC2ThrottledException", "PriorRequestNotComplete"},
                    code);
}

bool is_transient(std::string_view code, int status)
{
    return is_throttling(code) || contains({"RequestTimeout", "RequestTimeoutException"}, code) ||
           status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_about_the_clock(std::string_view code)
{
    return contains({"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture",
                     "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure"},
                    code);
}

std::string hint_for(std::string_view code)
{
    const auto* found = std::find_if(advices.begin(), advices.end(),
                                     [&](const Advice& advice) { return advice.code == code; });
    return found == advices.end() ? std::string() : std::string(found->hint);
}

} // namespace crudctl::aws
