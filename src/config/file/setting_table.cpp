#include "config/file/setting_table.hpp"

#include "config/file/values.hpp"
#include "config/profile/lambda_settings.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

constexpr std::string_view sql_lookup =
    "looked for in `sql/`, `db/`, then in the one `*/db/` or `*/sql/`";

constexpr std::array settings = {
    Setting{"config", Kind::path, "CRUDCTL_CONFIG", "looked for upwards",
            "This file; also `--config FILE`."},
    Setting{"profile", Kind::text, "CRUDCTL_PROFILE", "`local`",
            "The profile; also `PROFILE` or `-p` on the command line."},
    Setting{"database", Kind::text, "", "the profile's",
            "The database to work on; only `-d` on the command line."},

    Setting{"project.name", Kind::text, "CRUDCTL_PROJECT_NAME", "none",
            "The database's name where a profile doesn't name one."},
    Setting{"project.schema", Kind::paths, "", sql_lookup,
            "Schema files, or patterns and folders of them, loaded in this order."},
    Setting{"project.seeds", Kind::paths, "", sql_lookup,
            "Seed files, `.sql`, `.csv`, either with `.gz`, or patterns and folders of them, "
            "loaded after "
            "the schema."},
    Setting{"project.queries", Kind::path, "CRUDCTL_PROJECT_QUERIES", "`sql/queries`",
            "The folder of named SQL files."},
    Setting{"project.checks", Kind::statements, "", "none",
            "SQL that must say true once the schema is loaded. It may only read."},
    Setting{"project.seed_checks", Kind::statements, "", "none",
            "SQL that must say true once the seeds are loaded. It may only read."},
    Setting{"project.schema_command", Kind::words, "", "none",
            "A program that makes the schema in place of files, run without a shell in the "
            "project's root."},
    Setting{"project.seed_command", Kind::words, "", "none", "The same for the seeds."},
    Setting{"project.schema_inputs", Kind::paths, "", "none",
            "The files, or patterns of them, that `schema_command` reads: while they stay the same "
            "`setup` copies what it built."},
    Setting{"project.cache", Kind::flag, "", "where it is safe",
            "Whether `setup` keeps what the schema's files built and copies it the next time."},
    Setting{"project.cache_seeds", Kind::flag, "", "`false`",
            "What `setup` keeps for the next time has the seeds in it, for a day."},

    Setting{"server.data_directory", Kind::path, "CRUDCTL_SERVER_DATA_DIRECTORY",
            "chosen by crudctl", "Where the project's own Postgres keeps its data."},
    Setting{"server.binaries", Kind::path, "CRUDCTL_PG_BIN", "looked for",
            "The folder with `initdb` and `postgres`."},
    Setting{"server.port", Kind::number, "CRUDCTL_SERVER_PORT", "chosen by crudctl",
            "The port of the project's own Postgres."},

    Setting{"profiles.NAME.url", Kind::url, "", "none",
            "Where the database is: a `postgresql://` URL."},
    Setting{"profiles.NAME.own_server", Kind::flag, "", "`false`",
            "Without a URL: crudctl runs a Postgres for this project."},
    Setting{"profiles.NAME.protected", Kind::flag, "", "by its name, see Protected",
            "Destructive commands want a typed confirmation."},
    Setting{"profiles.NAME.seed", Kind::word, "", "`ask` where protected, else `always`",
            "Whether `setup` loads the seeds.", "ask|never|always"},
    Setting{"profiles.NAME.confirm", Kind::word, "", "`terminal`",
            "Who confirms on a protected database: a person, or in scripts the id of a plan, too.",
            "terminal|plan"},
    Setting{"profiles.NAME.confirm_within", Kind::text, "", "`15m`",
            "How long such an id holds, at most `24h`."},
    Setting{"profiles.NAME.maintenance_database", Kind::text, "", "`postgres`",
            "The database to be connected to while another one is created or dropped."},
    Setting{"profiles.NAME.password_command", Kind::words, "", "none",
            "A program, run without a shell, that prints the password."},

    Setting{"profiles.NAME.auth", Kind::word, "", "`password`",
            "Who vouches for the user: a password, or AWS's IAM by a token.", "password|rds-iam"},
    Setting{"profiles.NAME.service", Kind::text, "", "none",
            "An entry of libpq's connection service file."},
    Setting{"profiles.NAME.host", Kind::text, "", "the Unix socket",
            "Host name, address or socket folder."},
    Setting{"profiles.NAME.hostaddr", Kind::text, "", "none",
            "Address to use in place of looking the host up."},
    Setting{"profiles.NAME.port", Kind::number, "", "`5432`", "The server's port."},
    Setting{"profiles.NAME.dbname", Kind::text, "", "`project.name`", "The database's name."},
    Setting{"profiles.NAME.user", Kind::text, "", "the system's user", "The role to log in as."},
    Setting{"profiles.NAME.password", Kind::secret, "PGPASSWORD", "none",
            "Its password; better in the environment than in this file."},
    Setting{"profiles.NAME.passfile", Kind::path, "PGPASSFILE", "`~/.pgpass`",
            "A file with passwords, readable by nobody else."},
    Setting{"profiles.NAME.sslmode", Kind::word, "", "by the host, see TLS",
            "What is asked of TLS.", "disable|allow|prefer|require|verify-ca|verify-full"},
    Setting{"profiles.NAME.sslrootcert", Kind::path, "PGSSLROOTCERT", "`~/.postgresql/root.crt`",
            "The authorities that a server's certificate may be signed by, or `system`."},
    Setting{"profiles.NAME.sslcert", Kind::path, "PGSSLCERT", "`~/.postgresql/postgresql.crt`",
            "The client's certificate."},
    Setting{"profiles.NAME.sslkey", Kind::path, "PGSSLKEY", "`~/.postgresql/postgresql.key`",
            "The key of the client's certificate."},
    Setting{"profiles.NAME.sslpassword", Kind::secret, "", "none", "The password of that key."},
    Setting{"profiles.NAME.sslcrl", Kind::path, "PGSSLCRL", "`~/.postgresql/root.crl`",
            "Certificates that were revoked."},
    Setting{"profiles.NAME.sslnegotiation", Kind::word, "", "`postgres`",
            "How TLS begins (libpq 17).", "postgres|direct"},
    Setting{"profiles.NAME.channel_binding", Kind::word, "", "`prefer`",
            "Ties the log-in to the TLS connection.", "disable|prefer|require"},
    Setting{"profiles.NAME.require_auth", Kind::text, "", "none",
            "The ways to log in that are accepted (libpq 16)."},
    Setting{"profiles.NAME.gssencmode", Kind::word, "", "`disable`", "Encryption by GSSAPI.",
            "disable|prefer|require"},
    Setting{"profiles.NAME.options", Kind::text, "", "none",
            "Options for the session, such as `-c statement_timeout=60s`."},
    Setting{"profiles.NAME.target_session_attrs", Kind::word, "", "`any`",
            "Which of several hosts will do.",
            "any|read-write|read-only|primary|standby|prefer-standby"},
    Setting{"profiles.NAME.connect_timeout", Kind::number, "PGCONNECT_TIMEOUT", "`10`",
            "Seconds to wait for each address; also `--connect-timeout`."},
    Setting{"profiles.NAME.keepalives_idle", Kind::number, "", "`10`",
            "Seconds of silence before the connection is probed."},
    Setting{"profiles.NAME.keepalives_interval", Kind::number, "", "`5`",
            "Seconds between two probes."},
    Setting{"profiles.NAME.keepalives_count", Kind::number, "", "`3`",
            "Probes without an answer before the connection counts as lost."},
    Setting{"profiles.NAME.tcp_user_timeout", Kind::number, "", "`20000`",
            "Milliseconds that sent data may stay unacknowledged."},

    Setting{"profiles.NAME.aws.profile", Kind::text, "", "`AWS_PROFILE`, else `default`",
            "The profile of the AWS tools whose credentials are used."},
    Setting{"profiles.NAME.aws.region", Kind::text, "",
            "`AWS_REGION`, `AWS_DEFAULT_REGION`, the AWS profile's", "The region, `ca-central-1`."},
    Setting{"profiles.NAME.aws.security_group", Kind::text, "", "`DB_SG_ID`",
            "The database's security group, `sg-…`."},
    Setting{"profiles.NAME.aws.security_group_rule", Kind::text, "", "`DB_SG_RULE_ID`",
            "The rule for this workspace's address, `sgr-…`; `create`; or `per-workspace`."},
    Setting{"profiles.NAME.aws.rule_description", Kind::text, "", "`GITPOD`",
            "What that rule is described as: so it is found, and known as yours."},
    Setting{"profiles.NAME.aws.rule_ttl", Kind::text, "", "`7d`",
            "How long a workspace's own rule stays after its last use, `8h`."},
    Setting{"profiles.NAME.aws.address_services", Kind::text, "CRUDCTL_ADDRESS_SERVICES",
            "`checkip.amazonaws.com` and two others",
            "URLs that answer with the address they are asked from, with blanks between them."},
    Setting{"profiles.NAME.aws.instance", Kind::text, "", "none", "The RDS instance."},
    Setting{"profiles.NAME.aws.endpoint", Kind::text, "", "the profile's host and port",
            "The instance's own `host:port`, where the profile goes through a tunnel or an alias."},
    Setting{"profiles.NAME.aws.instance_class", Kind::text, "", "`db.t4g.micro`",
            "The class of an instance that `rds create` makes; so for all that follow."},
    Setting{"profiles.NAME.aws.engine_version", Kind::text, "", "what RDS takes",
            "Its version of Postgres, `16`: RDS chooses the minor one."},
    Setting{"profiles.NAME.aws.storage", Kind::number, "", "`20`", "Its storage in GiB."},
    Setting{"profiles.NAME.aws.zone", Kind::text, "", "any", "Its zone, `ca-central-1a`."},
    Setting{"profiles.NAME.aws.encrypted", Kind::flag, "", "`true`", "Its storage is encrypted."},
    Setting{"profiles.NAME.aws.public", Kind::flag, "", "`false`",
            "It has a public address: without one nobody outside its VPC gets there."},
    Setting{"profiles.NAME.aws.backup_days", Kind::number, "", "`7`",
            "How long its automated backups are kept; 0: there are none."},
    Setting{"profiles.NAME.aws.deletion_protection", Kind::flag, "", "`true`",
            "It cannot be deleted until that is switched off."},
    Setting{"profiles.NAME.aws.master_user", Kind::text, "", "the profile's user, else `postgres`",
            "Its first role."},
    Setting{"profiles.NAME.aws.master_password", Kind::word, "", "`managed`",
            "Where that role's password comes from: AWS's Secrets Manager, `password_command`, or "
            "whoever is asked.",
            "managed|command|ask"},

    Setting{"lambda.TRIGGER", Kind::text, "", "none",
            "The query that an event with this `triggerSource` runs."},
    Setting{"lambda.TRIGGER.query", Kind::text, "", "none",
            "The same, where there are `parameters` besides."},
    Setting{"lambda.TRIGGER.parameters.NAME", Kind::fields, "", "see below",
            "The event's field that a parameter of the query is taken from, or several: the first "
            "that is not empty."},
};

/// Of the profile's keys, those that are ours and not libpq's.
constexpr std::array own_profile_keys = {
    std::string_view("url"),
    std::string_view("own_server"),
    std::string_view("seed"),
    std::string_view("maintenance_database"),
    std::string_view("protected"),
    std::string_view("password_command"),
    std::string_view("auth"),
    std::string_view("confirm"),
    std::string_view("confirm_within"),
};

constexpr std::string_view profile_prefix = "profiles.NAME.";

/// A part of a key, or what stands for it where the file gives the name.
std::string_view generic_part(std::span<const std::string> path, std::size_t at)
{
    if (at == 1 && path.front() == "profiles") {
        return "NAME";
    }
    if (at == 1 && path.front() == "lambda") {
        return "TRIGGER";
    }
    return at == 3 && path.front() == "lambda" && path[2] == "parameters"
               ? std::string_view("NAME")
               : std::string_view(path[at]);
}

constexpr std::size_t most_listed_keys = 9;

constexpr std::array sections = {std::string_view("project"),
                                 std::string_view("server"),
                                 std::string_view("profiles"),
                                 std::string_view("profiles.NAME"),
                                 std::string_view("profiles.NAME.aws"),
                                 std::string_view("lambda"),
                                 std::string_view("lambda.TRIGGER.parameters")};

[[noreturn]] void refuse(const TomlFile& file, Place place, const std::string& reason,
                         const std::string& hint = {})
{
    throw Error(ExitCode::configuration,
                fmt::format("{}: {}", place_text(file.shown, place), reason), hint);
}

std::string_view parent_of(std::string_view key)
{
    const auto dot = key.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

/// What may stand directly in the table, keys and tables.
std::vector<std::string> names_in(std::string_view table)
{
    std::vector<std::string> names;
    for (const Setting& setting : setting_table()) {
        const bool is_in_file = setting.key.find('.') != std::string_view::npos;
        if (is_in_file && parent_of(setting.key) == table) {
            names.emplace_back(last_part(setting.key));
        }
    }
    for (const std::string_view section : sections) {
        if (parent_of(section) == table) {
            names.emplace_back(last_part(section));
        }
    }
    return names;
}

/// "[profiles.prod]"
std::string table_text(const Entry& entry)
{
    const std::vector<std::string> parent(entry.path.begin(), entry.path.end() - 1);
    return parent.empty() ? "the file" : fmt::format("[{}]", fmt::join(parent, "."));
}

[[noreturn]] void refuse_unknown(const TomlFile& file, const Entry& entry)
{
    const std::string generic = generic_key(entry.path);
    const std::vector<std::string> names = names_in(parent_of(generic));
    std::string hint;
    if (const auto meant = nearest(entry.path.back(), names)) {
        hint = fmt::format("did you mean \"{}\"?", *meant);
    } else if (names.size() <= most_listed_keys) {
        hint = fmt::format("{} may hold: {}", table_text(entry), fmt::join(names, ", "));
    }
    refuse(file, entry.key_place,
           fmt::format("unknown {} \"{}\" in {}",
                       entry.value.type == Value::Type::table ? "table" : "key",
                       printable(shortened(entry.path.back(), 64)), table_text(entry)),
           hint);
}

/// DATABASE@PROFILE[#PLAN] is typed by people and read by the program.
bool is_profile_name(std::string_view name)
{
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= 63 && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

void check_section(const TomlFile& file, const Entry& entry, std::string_view generic)
{
    if (entry.value.type != Value::Type::table) {
        refuse(file, entry.value.place, fmt::format("\"{}\" must be a table", entry.path.back()));
    }
    if (generic == "profiles.NAME" && !is_profile_name(entry.path.back())) {
        refuse(file, entry.key_place,
               fmt::format("\"{}\" cannot be a profile's name",
                           printable(shortened(entry.path.back(), 64))),
               "up to 63 letters, digits, \"-\" and \"_\" make one, with no \"-\" in front");
    }
}

/// A trigger that there isn't would never come: its query would silently not be run.
void check_trigger(const TomlFile& file, const Entry& entry)
{
    const std::string& name = entry.path[1];
    const std::vector<std::string> known(trigger_sources().begin(), trigger_sources().end());
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        const auto meant = nearest(name, known);
        refuse(file, entry.key_place,
               fmt::format("\"{}\" is no trigger of Cognito", printable(shortened(name, 64))),
               meant ? fmt::format("did you mean \"{}\"?", *meant)
                     : "a triggerSource looks like PostConfirmation_ConfirmSignUp");
    }
    if (entry.value.type != Value::Type::table && entry.value.type != Value::Type::text) {
        refuse(file, entry.value.place,
               fmt::format("\"{}\" must be a query's name, or a table with one", name));
    }
}

bool is_table_of_trigger(const Entry& entry, std::string_view generic)
{
    return generic == "lambda.TRIGGER" && entry.value.type == Value::Type::table;
}

} // namespace

std::span<const Setting> setting_table()
{
    return settings;
}

const Setting* find_setting(std::string_view generic_key)
{
    for (const Setting& setting : settings) {
        if (setting.key == generic_key) {
            return &setting;
        }
    }
    return nullptr;
}

bool is_connection_keyword(const Setting& setting)
{
    const std::string_view name = last_part(setting.key);
    return setting.key.starts_with(profile_prefix) &&
           setting.key.size() == profile_prefix.size() + name.size() &&
           std::find(own_profile_keys.begin(), own_profile_keys.end(), name) ==
               own_profile_keys.end();
}

bool takes_dotenv(const Setting& setting)
{
    return setting.key == "project.queries" ||
           (setting.kind != Kind::path && last_part(setting.key) != "address_services");
}

std::string_view last_part(std::string_view key)
{
    return key.substr(key.rfind('.') + 1);
}

std::string kind_text(const Setting& setting)
{
    switch (setting.kind) {
    case Kind::text:
    case Kind::secret:
        return "text";
    case Kind::word: {
        std::string words = "one of ";
        for (const char c : setting.choices) {
            words += c == '|' ? ", " : std::string(1, c);
        }
        return words;
    }
    case Kind::path:
        return "path";
    case Kind::number:
        return last_part(setting.key) == "port" ? "number from 1 to 65535" : "number";
    case Kind::flag:
        return "true or false";
    case Kind::url:
        return "URL";
    case Kind::paths:
        return "list of paths";
    case Kind::statements:
        return "list of SQL";
    case Kind::words:
        return "list of words";
    case Kind::fields:
        return "field, or list of fields";
    }
    return {};
}

std::string generic_key(std::span<const std::string> path)
{
    std::string key;
    for (std::size_t i = 0; i < path.size(); ++i) {
        key += i == 0 ? std::string() : ".";
        key += generic_part(path, i);
    }
    return key;
}

void check_against_table(const TomlFile& file)
{
    for (const Entry& entry : file.entries) {
        const std::string generic = generic_key(entry.path);
        if (generic == "lambda.TRIGGER") {
            check_trigger(file, entry);
        }
        if (is_table_of_trigger(entry, generic)) {
            continue;
        }
        if (std::find(sections.begin(), sections.end(), generic) != sections.end()) {
            check_section(file, entry, generic);
            continue;
        }
        const Setting* setting = find_setting(generic);
        if (setting == nullptr || entry.path.size() < 2) {
            refuse_unknown(file, entry);
        }
        check_value(file.shown, *setting, entry.value);
    }
}

} // namespace crudctl::config
