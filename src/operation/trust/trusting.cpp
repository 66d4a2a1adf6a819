#include "operation/trust/trusting.hpp"

#include "operation/target.hpp"
#include "operation/trust/sql_requests.hpp"
#include "plan/journal.hpp"
#include "plan/trust_store.hpp"
#include "support/process/user.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

using config::TrustRequest;

constexpr const char* own_variable = "CRUDCTL_TRUST";

/// Digests in CRUDCTL_TRUST, with commas or blanks between them.
std::set<std::string> digests_in(std::string_view text)
{
    std::set<std::string> digests;
    while (!text.empty()) {
        const std::string_view digest = text.substr(0, text.find_first_of(", \t\n"));
        digests.emplace(digest);
        text.remove_prefix(std::min(text.size(), digest.size() + 1));
    }
    return digests;
}

/// Where no place for them can be told, only what was agreed to in this run.
std::set<std::string> trusted_digests(const Context& context)
{
    std::set<std::string> digests = context.trusted;
    if (own_state_folder(context.settings.environment())) {
        digests.merge(plan::TrustStore::of_user(context.settings.environment()).digests());
    }
    return digests;
}

/// What CRUDCTL_TRUST allows is the whole of what the project wants for the profile, or nothing.
bool is_allowed_by_environment(Context& context, const std::vector<TrustRequest>& requests)
{
    const auto allowed = context.settings.environment().value(own_variable);
    if (!allowed) {
        return false;
    }
    const auto all = requests_of_project(context, context.settings.chosen_profile());
    std::set<std::string> digests;
    for (const TrustRequest& request : all) {
        digests.insert(request.digest());
    }
    return digests_in(*allowed).contains(digest_of(all)) &&
           std::ranges::all_of(requests, [&](const TrustRequest& request) {
               return digests.contains(request.digest());
           });
}

bool may_ask(const Context& context)
{
    const bool reads = context.command_class == CommandClass::reads;
    return context.console.can_ask() && context.command != "ensure" &&
           (!reads || context.command == "connect");
}

/// False, too, for a profile that leads nowhere: it has other troubles.
bool has_own_server(const Context& context, const std::string& profile)
{
    try {
        return context.settings.profile(profile).own_server;
    } catch (const Error&) {
        return false;
    }
}

bool has_sql(const plan::Step& step)
{
    return std::holds_alternative<plan::LoadScripts>(step) ||
           std::holds_alternative<plan::RunPsql>(step) ||
           std::holds_alternative<plan::RunChecks>(step) ||
           std::holds_alternative<plan::RunQuery>(step);
}

std::string command_for(const Context& context, const std::string& profile)
{
    return fmt::format("crudctl trust {}{}", profile, choice_text(context.options));
}

std::string first_of(const std::vector<TrustRequest>& requests)
{
    const TrustRequest& first = requests.front();
    const std::string more =
        requests.size() > 1 ? fmt::format(", and {} more", requests.size() - 1) : std::string();
    return fmt::format("{} {} {}{}", first.place, first.label,
                       shortened(printable(first.lines.front()), 100), more);
}

/// Whether `crudctl trust` shows it: what files that -f names want, it does not.
bool is_of_project(Context& context, const TrustRequest& wanted)
{
    return std::ranges::any_of(
        requests_of_project(context, context.settings.chosen_profile()),
        [&](const TrustRequest& request) { return request.digest() == wanted.digest(); });
}

[[noreturn]] void refuse(Context& context, const std::vector<TrustRequest>& requests)
{
    const std::string command = command_for(context, context.settings.chosen_profile());
    if (!is_of_project(context, requests.front())) {
        throw Error(ExitCode::refused,
                    fmt::format("not trusted yet: {}. Nothing was run or sent", first_of(requests)),
                    "typed at a terminal, the same command shows it and asks");
    }
    const bool is_outdated = context.settings.environment().value(own_variable).has_value();
    throw Error(ExitCode::refused,
                fmt::format("not trusted yet: {}. Nothing was run or sent", first_of(requests)),
                is_outdated
                    ? fmt::format("{} in the environment does not fit these files. {} shows "
                                  "what they want now",
                                  own_variable, command)
                    : command);
}

} // namespace

std::vector<TrustRequest> untrusted(Context& context, const std::vector<TrustRequest>& requests)
{
    if (requests.empty()) {
        return {};
    }
    if (is_allowed_by_environment(context, requests)) {
        return {};
    }
    const std::set<std::string> trusted = trusted_digests(context);
    std::vector<TrustRequest> left;
    for (const TrustRequest& request : requests) {
        if (!trusted.contains(request.digest())) {
            left.push_back(request);
        }
    }
    return left;
}

bool is_trusted_profile(const Context& context, const std::string& profile)
{
    const std::set<std::string> trusted = trusted_digests(context);
    return std::ranges::all_of(
        requests_of_settings(context, profile),
        [&](const TrustRequest& request) { return trusted.contains(request.digest()); });
}

void show_requests(Console& console, const std::vector<TrustRequest>& requests)
{
    for (const TrustRequest& request : requests) {
        std::string label = request.label;
        std::vector<std::string> lines = request.lines;
        lines.push_back("from " + request.place);
        for (const std::string& line : lines) {
            console.screen({{Style::dim, fmt::format("  {:<10} ", label)},
                            {Style::plain, printable(console.masked(line))}});
            label.clear();
        }
    }
}

void remember_trust(Context& context, const std::vector<TrustRequest>& requests)
{
    const plan::TrustStore store = plan::TrustStore::of_user(context.settings.environment());
    const std::set<std::string> known = store.digests();
    const std::string project = plan::project_text(context.settings.root());
    for (const TrustRequest& request : requests) {
        const std::string digest = request.digest();
        context.trusted.insert(digest);
        if (!known.contains(digest)) {
            store.remember(digest, project,
                           context.console.masked(printable(
                               fmt::format("{} {}", request.label, request.lines.front()))));
        }
    }
}

std::vector<TrustRequest> requests_of_settings(const Context& context, const std::string& profile)
{
    std::vector<TrustRequest> requests = context.settings.trust_requests(profile);
    if (has_own_server(context, profile)) {
        const auto more = context.settings.server_trust_requests();
        requests.insert(requests.end(), more.begin(), more.end());
    }
    return requests;
}

std::vector<TrustRequest> requests_of_project(Context& context, const std::string& profile)
{
    std::vector<TrustRequest> requests = requests_of_settings(context, profile);
    const auto programs = context.settings.program_trust_requests();
    requests.insert(requests.end(), programs.begin(), programs.end());
    if (has_own_server(context, profile) &&
        is_for_own_server(context, context.settings.profile(profile))) {
        const auto more = sql_requests_of_project(context);
        requests.insert(requests.end(), more.begin(), more.end());
    }
    return requests;
}

void warn_of_untrusted(Context& context)
{
    for (const std::string& profile : context.settings.profile_names()) {
        std::vector<TrustRequest> wanted;
        try {
            wanted = untrusted(context, requests_of_settings(context, profile));
        } catch (const Error&) {
            continue; // a profile that leads nowhere sends nothing
        }
        if (!wanted.empty()) {
            context.console.warning(fmt::format("profile \"{}\" is not trusted yet: {} ({})",
                                                profile, first_of(wanted),
                                                command_for(context, profile)));
        }
    }
}

void require_trust(Context& context, const std::vector<TrustRequest>& requests)
{
    const std::vector<TrustRequest> wanted = untrusted(context, requests);
    if (wanted.empty()) {
        return;
    }
    if (!may_ask(context)) {
        refuse(context, wanted);
    }
    context.console.screen({{Style::bold, "This project wants what you have not agreed to yet:"}});
    show_requests(context.console, wanted);
    if (context.console.ask("Type yes to trust it, anything else to stop: ") != "yes") {
        throw Error(ExitCode::refused, "not trusted. Nothing was run or sent");
    }
    remember_trust(context, wanted);
}

void require_trusted_profile(Context& context, const std::string& profile)
{
    require_trust(context, context.settings.trust_requests(profile));
}

void require_trusted_server(Context& context)
{
    require_trust(context, context.settings.server_trust_requests());
}

void require_trusted_steps(Context& context, const std::vector<plan::Step>& steps)
{
    if (std::ranges::any_of(steps, [](const plan::Step& step) {
            return std::holds_alternative<plan::RunProgram>(step);
        })) {
        require_trust(context, context.settings.program_trust_requests());
    }
    if (std::ranges::any_of(steps, has_sql)) {
        const bool is_own = is_for_own_server(context, context.settings.profile());
        require_trust(context, sql_requests_of_steps(steps, is_own));
    }
}

void require_within_fences(const Invocation& invocation, const config::Settings& settings)
{
    const config::Fence fence = settings.fence();
    if (!fence.is_there()) {
        return;
    }
    fence.require(settings.chosen_profile());
    fence.require_reading(invocation.command, invocation.action_class == CommandClass::reads);
}

} // namespace crudctl::commands
