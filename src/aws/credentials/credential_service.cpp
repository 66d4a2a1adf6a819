#include "aws/credentials/credential_service.hpp"

#include "aws/credentials/credentials.hpp"
#include "aws/request/endpoint.hpp"
#include "aws/request/host.hpp"
#include "aws/request/query_api.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <pugixml.hpp>

namespace crudctl::aws {

namespace {

constexpr std::size_t largest_token = std::size_t{64} << 10U;
constexpr std::size_t largest_credentials = std::size_t{64} << 10U;
constexpr const char* container_host = "http://169.254.170.2";
constexpr int container_tries = 3;

std::string token_in(const std::string& path)
{
    return std::string(trimmed(read_file(path, largest_token).text));
}

/// http is fine where nobody is on the way.
bool may_be_asked(const std::string& url)
{
    const std::string host = host_of(url);
    constexpr std::array known = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    return (url.starts_with("https://") && !host.empty()) ||
           (url.starts_with("http://") &&
            (is_loopback_host(host) || std::find(known.begin(), known.end(), host) != known.end()));
}

std::optional<Found> container_url(const Environment& environment)
{
    if (const auto path = environment.value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
        return Found{container_host + *path, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"};
    }
    const auto url = environment.value("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    return url ? std::optional(Found{*url, "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) : std::nullopt;
}

Headers container_headers(const Environment& environment)
{
    std::string token;
    if (const auto file = environment.value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
        token = token_in(*file);
    } else {
        token = environment.value("AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
    }
    if (token.find_first_of("\r\n") != std::string::npos) {
        throw Error(ExitCode::configuration,
                    "the container's authorization token has a line break in it");
    }
    return token.empty() ? Headers() : Headers{{"authorization", token}};
}

HttpResponse ask_container(const CredentialSearch& search, const HttpRequest& request)
{
    for (int attempt = 1;; ++attempt) {
        try {
            HttpResponse response = search.http.send(request);
            if (response.status == 200 || response.status < 500 || attempt == container_tries) {
                return response;
            }
        } catch (const HttpError& error) {
            if (!error.may_pass() || attempt == container_tries) {
                throw;
            }
        }
        search.pacing.sleep(std::chrono::milliseconds(200));
    }
}

} // namespace

std::optional<WebIdentity> web_identity_of(const Environment& environment)
{
    const auto file = environment.value("AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!file) {
        return std::nullopt;
    }
    const auto role = environment.value("AWS_ROLE_ARN");
    if (!role) {
        throw Error(ExitCode::configuration,
                    "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
    }
    return WebIdentity{{*file, "AWS_WEB_IDENTITY_TOKEN_FILE"},
                       *role,
                       environment.value("AWS_ROLE_SESSION_NAME").value_or("")};
}

std::optional<WebIdentity> web_identity_of(const SharedProfile& profile)
{
    const auto file = profile.value("web_identity_token_file");
    const auto role = profile.value("role_arn");
    if (!file || !role) {
        return std::nullopt;
    }
    const auto session = profile.value("role_session_name");
    return WebIdentity{*file, role->text, session ? session->text : std::string()};
}

Credentials credentials_of_web_identity(const CredentialSearch& search, const WebIdentity& identity)
{
    const std::string token = token_in(identity.token_file.text);
    const auto now = search.pacing.now();
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    QueryApi sts(search.http,
                 {"sts", "2011-06-15", search.region,
                  endpoint_of("sts", search.region, search.profile, search.environment),
                  std::nullopt},
                 {search.pacing, 3, search.tell});
    const auto document =
        sts.call("AssumeRoleWithWebIdentity",
                 {{"RoleArn", identity.role},
                  {"RoleSessionName", identity.session.empty() ? fmt::format("crudctl-{}", seconds)
                                                               : identity.session},
                  {"WebIdentityToken", token}});
    const pugi::xml_node answer =
        document->document_element().child("AssumeRoleWithWebIdentityResult").child("Credentials");
    Credentials credentials;
    credentials.access_key_id = answer.child_value("AccessKeyId");
    credentials.secret_access_key = Secret(answer.child_value("SecretAccessKey"));
    credentials.session_token = Secret(answer.child_value("SessionToken"));
    credentials.source = fmt::format("a web identity ({})", identity.token_file.origin);
    if (credentials.access_key_id.empty()) {
        throw Error(ExitCode::external, "STS answered without credentials");
    }
    return checked(credentials);
}

std::optional<Credentials> credentials_of_container(const CredentialSearch& search)
{
    const auto url = container_url(search.environment);
    if (!url) {
        return std::nullopt;
    }
    if (!may_be_asked(url->text)) {
        throw Error(ExitCode::configuration,
                    fmt::format("{} is neither https nor an address of this machine or its "
                                "container",
                                url->origin));
    }
    HttpRequest request;
    request.url = url->text;
    request.headers = container_headers(search.environment);
    request.largest_answer = largest_credentials;
    const HttpResponse response = ask_container(search, request);
    if (response.status != 200) {
        throw Error(ExitCode::external,
                    fmt::format("the container ({}) gave no credentials: HTTP {}", url->origin,
                                response.status));
    }
    return credentials_from_json(response.body, {"Token", false},
                                 fmt::format("the container ({})", url->origin),
                                 search.pacing.now());
}

} // namespace crudctl::aws
