#include "operation/command_entry.hpp"
#include "operation/trust/trusting.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

using config::TrustRequest;

std::string json_of(const std::string& profile, const std::vector<TrustRequest>& requests,
                    bool is_trusted)
{
    nlohmann::ordered_json document = {{"profile", profile},
                                       {"trusted", is_trusted},
                                       {"digest", digest_of(requests)},
                                       {"wants", nlohmann::ordered_json::array()}};
    for (const TrustRequest& request : requests) {
        document["wants"].push_back({{"from", request.place},
                                     {"label", request.label},
                                     {"lines", request.lines},
                                     {"digest", request.digest()}});
    }
    return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string text_of(const std::vector<TrustRequest>& requests)
{
    std::string text;
    for (const TrustRequest& request : requests) {
        std::string label = request.label;
        for (const std::string& line : request.lines) {
            text += fmt::format("{:<8} {}\n", label, printable(line));
            label.clear();
        }
        text += fmt::format("{:<8} from {}\n", "", printable(request.place));
    }
    return text + fmt::format("CRUDCTL_TRUST={}\n", digest_of(requests));
}

void print(Context& context, const std::string& profile, const std::vector<TrustRequest>& requests,
           bool is_trusted)
{
    context.console.result(context.options.json ? json_of(profile, requests, is_trusted)
                                                : text_of(requests));
}

/// What each question shows, and "yes" typed below it.
void ask(Context& context, const std::string& profile, const std::vector<TrustRequest>& wanted)
{
    context.console.screen({{Style::bold, fmt::format("profile \"{}\" wants this, which you have "
                                                      "not agreed to yet:",
                                                      profile)}});
    show_requests(context.console, wanted);
    if (context.console.ask("Type yes to trust it, anything else to stop: ") != "yes") {
        throw Error(ExitCode::refused, "not trusted. Nothing was remembered");
    }
    remember_trust(context, wanted);
    context.console.note({{Style::green, "trusted"}});
}

/// Shows what the project's files want of this machine, and remembers that a person agrees. Needs
/// no server. Throws Error(refused) where something is not trusted and there is no
/// terminal to ask at.
void run_trust(Context& context)
{
    const std::string profile = context.settings.chosen_profile();
    const std::vector<TrustRequest> requests = requests_of_project(context, profile);
    const std::vector<TrustRequest> wanted = untrusted(context, requests);
    if (wanted.empty() || context.options.dry_run || !context.console.can_ask()) {
        print(context, profile, requests, wanted.empty());
    }
    if (wanted.empty()) {
        context.console.note(
            requests.empty()
                ? fmt::format("profile \"{}\" wants nothing that has to be trusted", profile)
                : fmt::format("all that profile \"{}\" wants is trusted", profile));
        return;
    }
    if (context.options.dry_run) {
        return;
    }
    if (!context.console.can_ask()) {
        throw Error(ExitCode::refused,
                    fmt::format("trusting {} has to be confirmed at a terminal. Nothing was "
                                "remembered",
                                counted(wanted.size(), "request")));
    }
    ask(context, profile, wanted);
}

void add_trust(CLI::App& command, Invocation& chosen)
{
    runs(command, chosen, run_trust);
}

} // namespace

extern const CommandEntry trust_command = {
    .name = "trust",
    .aliases = {},
    .group = "Project",
    .command_class = CommandClass::none,
    .takes_profile = TakesProfile::positional,
    .summary = "allow what the project's files want run or sent",
    .example = "crudctl trust prod",
    .add = add_trust,
};

} // namespace crudctl::commands
