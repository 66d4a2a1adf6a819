#include "aws/request/query_api.hpp"

#include "aws/request/host.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <pugixml.hpp>

namespace crudctl::aws {

namespace {

constexpr std::chrono::seconds tolerated_clock_error{240};
constexpr std::chrono::seconds longest_pause{20};

std::string what_of(const std::string& what, const ServiceError::Answer& answer)
{
    std::string text = fmt::format("{} failed: ", what);
    if (answer.code.empty()) {
        text += fmt::format("HTTP {}, and no answer that AWS would give", answer.status);
    } else {
        text += fmt::format("{}: {}", answer.code, answer.message);
    }
    return answer.request_id.empty() ? text
                                     : fmt::format("{} (request {})", text, answer.request_id);
}

std::string hint_of(const ServiceError::Answer& answer)
{
    return answer.code.empty() ? "something between here and AWS may have answered: a proxy, a "
                                 "log-in page"
                               : hint_for(answer.code);
}

/// A throttle is there to be waited for; an unknown 503 is nobody's word.
ExitCode exit_code_of(const ServiceError::Answer& answer)
{
    return is_throttling(answer.code) ? ExitCode::busy : ExitCode::external;
}

std::string clock_text(std::chrono::seconds error)
{
    return fmt::format("this machine's clock is {} {} AWS's; signing with theirs",
                       duration_text(static_cast<double>(std::chrono::abs(error).count())),
                       error.count() > 0 ? "behind" : "ahead of");
}

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
           "the group is full: remove rules that are no longer needed"},
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

constexpr std::size_t longest_message = 300;

/// The first descendant with this name, case aside: RequestID and RequestId both occur.
pugi::xml_node descendant(const pugi::xml_node& root, std::string_view name)
{
    return root.find_node(
        [name](const pugi::xml_node& node) { return equal_ignoring_case(node.name(), name); });
}

/// Up to where AWS repeats a request, with its token, or appends a blob for another service.
std::string readable(std::string_view message)
{
    for (const std::string_view stop :
         {"\n", " The Canonical String", " Encoded authorization failure message"}) {
        message = message.substr(0, message.find(stop));
    }
    return printable(shortened(trimmed(message), longest_message));
}

void sleep_interruptibly(std::chrono::milliseconds time)
{
    std::array<pollfd, 1> wait = {pollfd{interrupt::descriptor(), POLLIN, 0}};
    ::poll(wait.data(), wait.size(), static_cast<int>(time.count()));
    interrupt::throw_if_pending();
}

} // namespace

ServiceError::ServiceError(const std::string& what, Answer answer)
    : Error(exit_code_of(answer), what_of(what, answer), hint_of(answer)),
      m_answer(std::move(answer))
{}

QueryApi::QueryApi(HttpClient& http, Service service, RetryPolicy policy)
    : m_http(http), m_service(std::move(service)), m_retry_policy(std::move(policy))
{}

std::shared_ptr<pugi::xml_document> QueryApi::call(const std::string& action,
                                                   const Parameters& parameters)
{
    Parameters all = {{"Action", action}, {"Version", m_service.version}};
    all.insert(all.end(), parameters.begin(), parameters.end());
    const std::string body = form_text(all);
    for (int attempt = 1;; ++attempt) {
        const bool is_last = attempt >= m_retry_policy.attempts;
        try {
            const HttpResponse response = try_once(action, body);
            auto document = std::make_shared<pugi::xml_document>();
            const auto parsed = document->load_buffer(response.body.data(), response.body.size());
            if (parsed && document->document_element().name() == action + "Response") {
                return document;
            }
            if (is_last) {
                throw ServiceError(fmt::format("{} {}", m_service.name, action),
                                   {{}, {}, {}, response.status, {}});
            }
            pause(attempt, "an answer that cannot be read");
        } catch (const ServiceError& error) {
            if (corrects_clock(error)) {
                continue;
            }
            if (is_last || !is_transient(error.service_code(), error.answer().status)) {
                throw;
            }
            pause(attempt, error.what());
        } catch (const HttpError& error) {
            if (is_last || !error.may_pass()) {
                throw;
            }
            pause(attempt, error.what());
        }
    }
}

HttpResponse QueryApi::try_once(const std::string& action, const std::string& body)
{
    HttpResponse response = send(body);
    if (response.status != 200) {
        throw ServiceError(fmt::format("{} {}", m_service.name, action), error_answer(response));
    }
    return response;
}

HttpResponse QueryApi::send(const std::string& body)
{
    HttpRequest request;
    request.url = m_service.endpoint.url + "/";
    request.headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8";
    request.body = body;
    if (m_service.credentials) {
        const auto now =
            std::chrono::floor<std::chrono::seconds>(m_retry_policy.pacing.now()) + m_clock_error;
        request.headers.merge(signature_headers({m_service.endpoint.host, request.headers, body},
                                                {m_service.name, m_service.region, now},
                                                *m_service.credentials));
    }
    return m_http.send(request);
}

bool QueryApi::corrects_clock(const ServiceError& error)
{
    if (m_has_corrected_clock || !error.answer().date ||
        !is_about_the_clock(error.service_code())) {
        return false;
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(m_retry_policy.pacing.now());
    const std::chrono::seconds difference = *error.answer().date - now;
    if (std::chrono::abs(difference) < tolerated_clock_error) {
        return false;
    }
    m_has_corrected_clock = true;
    m_clock_error = difference;
    m_retry_policy.tell(clock_text(difference));
    return true;
}

void QueryApi::pause(int attempt, const std::string& why) const
{
    const double longest =
        std::min<double>(std::pow(2.0, attempt - 1), static_cast<double>(longest_pause.count()));
    m_retry_policy.tell(fmt::format("{}; trying again", why));
    m_retry_policy.pacing.sleep(std::chrono::milliseconds(
        static_cast<long>(1000 * longest * m_retry_policy.pacing.random())));
}

std::string form_text(const Parameters& parameters)
{
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += fmt::format("{}{}=", text.empty() ? "" : "&", percent_encoded(name));
        for (const char c : value) {
            text += c == ' ' ? "+" : percent_encoded({&c, 1});
        }
    }
    return text;
}

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

ServiceError::Answer error_answer(const HttpResponse& response)
{
    ServiceError::Answer answer;
    answer.status = response.status;
    answer.date = response.date();
    pugi::xml_document document;
    if (!document.load_buffer(response.body.data(), response.body.size())) {
        return answer;
    }
    const pugi::xml_node error = document.find_node([](const pugi::xml_node& node) {
        return std::string_view(node.name()) == "Error" && !node.child("Code").empty();
    });
    answer.code = printable(trimmed(error.child_value("Code")));
    answer.message = readable(error.child_value("Message"));
    answer.request_id = printable(trimmed(descendant(document, "RequestId").child_value()));
    return answer;
}

Pacing Pacing::of_machine()
{
    Pacing pacing;
    pacing.now = [] { return std::chrono::system_clock::now(); };
    pacing.sleep = sleep_interruptibly;
    pacing.random = [engine = std::mt19937(std::random_device()())]() mutable {
        return std::uniform_real_distribution<double>(0, 1)(engine);
    };
    return pacing;
}

} // namespace crudctl::aws
