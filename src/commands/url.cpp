#include "operation/command_entry.hpp"
#include "operation/target.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

struct UrlOptions {
    bool show_password = false; // of a protected profile, too
};

pg::ConnInfo application_info(Context& context, const Target& target)
{
    return target.is_own_server ? own_server(context).application_info(target.info.database())
                                : target.info;
}

std::string json_of(const std::string& url, const Target& target)
{
    const nlohmann::ordered_json document = {
        {"profile", target.profile.name}, {"database", target.info.database()}, {"url", url}};
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void run_url(Context& context, const UrlOptions& options)
{
    const Target target = find_target(context);
    start_own_server(context, target);
    const bool shows_password = options.show_password || !target.profile.protection.is_protected;
    const pg::ConnInfo info = application_info(context, target);
    const std::string url =
        info.url(shows_password ? pg::ConnInfo::ShowPassword::yes : pg::ConnInfo::ShowPassword::no);
    context.console.result_with_secret(context.options.json ? json_of(url, target) : url);
    if (shows_password && target.profile.auth == config::Auth::rds_iam && !target.is_own_server) {
        context.console.note("the password in it is a token of IAM: it is good for log-ins within "
                             "15 minutes");
    }
    if (!shows_password && !info.password().empty()) {
        context.console.note("the profile is protected, so its password is left out; "
                             "--show-password prints it");
    }
}

void add_url(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<UrlOptions>();
    command.add_flag("--show-password", options->show_password,
                     "print a protected profile's password too");
    runs(command, chosen, [options](Context& context) { run_url(context, *options); });
}

} // namespace

extern const CommandEntry url_command = {
    .name = "url",
    .aliases = {},
    .group = "Look",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "print the URL that an application connects with",
    .example = "export DATABASE_URL=$(crudctl url)",
    .add = add_url,
};

} // namespace crudctl::commands
