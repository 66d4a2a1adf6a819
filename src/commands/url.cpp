#include "operation/command_entry.hpp"
#include "operation/program.hpp"
#include "operation/target.hpp"
#include "support/text/text.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

struct UrlOptions {
    bool show_password = false;        // of a protected profile, too
    std::string scheme = "postgresql"; // SQLAlchemy's have the driver in it
    bool is_jdbc = false;
    bool is_of_primary = false; // of several hosts the one that takes writes
};

/// Where a session that may write was let in.
pg::ConnInfo primary_of(Context& context, const Target& target, const pg::ConnInfo& info)
{
    Connector connector(context, target);
    const pg::ConnInfo primary = connector.connect()->pinned_info();
    const std::string port = primary.value("port").value_or("");
    context.console.note(fmt::format("of several hosts {}:{} answered", primary.host(), port));
    return info.pinned_to(primary.host(), "", port);
}

/// SQLAlchemy's asyncpg calls sslmode ssl.
std::string with_scheme(const std::string& url, const std::string& scheme)
{
    std::string text = scheme + url.substr(url.find("://"));
    const std::size_t query = text.find('?');
    const std::size_t mode =
        scheme.ends_with("+asyncpg") ? text.find("sslmode=", query) : std::string::npos;
    if (query != std::string::npos && mode != std::string::npos) {
        text.replace(mode, std::string_view("sslmode").size(), "ssl");
    }
    return text;
}

/// User and password go into the query: pgjdbc decodes none before the host.
std::string jdbc_url(const pg::ConnInfo& info, bool shows_password)
{
    if (info.is_unix_socket()) {
        throw Error(ExitCode::configuration, "JDBC connects to no Unix socket",
                    "give the server's host and port in the profile's URL");
    }
    std::string hosts;
    for (const pg::ConnInfo::Place& place : info.places()) {
        const std::string& host = place.host.empty() ? place.address : place.host;
        hosts +=
            fmt::format("{}{}:{}", hosts.empty() ? "" : ",",
                        host.find(':') == std::string::npos ? host : "[" + host + "]", place.port);
    }
    std::string url = fmt::format("jdbc:postgresql://{}/{}?user={}", hosts,
                                  percent_encoded(info.database()), percent_encoded(info.user()));
    if (shows_password && !info.password().empty()) {
        url += "&password=" + percent_encoded(info.password().reveal());
    }
    const auto mode = info.value("sslmode");
    return url + (mode ? "&sslmode=" + *mode : "");
}

std::string url_of(const pg::ConnInfo& info, bool shows_password, const UrlOptions& options)
{
    if (options.is_jdbc) {
        return jdbc_url(info, shows_password);
    }
    return with_scheme(
        info.url(shows_password ? pg::ConnInfo::ShowPassword::yes : pg::ConnInfo::ShowPassword::no),
        options.scheme);
}

void take_scheme(const std::string& text, UrlOptions& options)
{
    const bool is_one =
        text == "postgres" || text == "postgresql" || text.starts_with("postgresql+");
    if (!is_one) {
        throw Error(ExitCode::usage,
                    fmt::format("--scheme takes postgresql or postgresql+DRIVER, not \"{}\"",
                                printable(text)),
                    "for example postgresql+psycopg2");
    }
    options.scheme = text;
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
    pg::ConnInfo info = application_info(context, target, target.info.database());
    const bool takes_one_host = options.scheme.find('+') != std::string::npos;
    if (info.has_several_hosts() && (options.is_of_primary || takes_one_host)) {
        info = primary_of(context, target, info);
    } else if (info.has_several_hosts() && !options.is_jdbc) {
        context.console.note("drivers that take one host, such as node-postgres, lib/pq and "
                             "Rails': crudctl url --primary");
    }
    const std::string url = url_of(info, shows_password, options);
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
    command
        .add_option_function<std::string>(
            "--scheme", [options](const std::string& text) { take_scheme(text, *options); },
            "as SQLAlchemy has it, postgresql+psycopg2 (default: postgresql)")
        ->type_name("SCHEME");
    command.add_flag("--jdbc", options->is_jdbc, "as JDBC has it")->excludes("--scheme");
    command.add_flag("--primary", options->is_of_primary,
                     "of several hosts the one that takes writes: connects");
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
