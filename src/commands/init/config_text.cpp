#include "commands/init/config_text.hpp"

#include "commands/registry.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

namespace fs = std::filesystem;
using config::Repository;

/// A text as TOML has it, whatever is in it.
std::string quoted(const std::string& text)
{
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
            result += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string list_of(const std::vector<fs::path>& paths)
{
    std::string text;
    for (const fs::path& path : paths) {
        text += (text.empty() ? "" : ", ") + quoted(path.generic_string());
    }
    return "[" + text + "]";
}

/// The line, or the same as an example where nothing was found.
std::string files_line(const char* key, const std::vector<fs::path>& found, const char* example)
{
    return found.empty() ? fmt::format("# None was found here.\n# {} = {}\n", key, example)
                         : fmt::format("{} = {}\n", key, list_of(found));
}

std::string schema_lines(const config::SqlFiles& sql)
{
    std::string text = "# Loaded in this order by `crudctl schema-load` and `crudctl setup`.\n";
    if (sql.candidates.empty()) {
        return text + files_line("schema", sql.schema, "[\"sql/schema.sql\"]");
    }
    text += "# More than one folder has a schema.sql; take away the # of the right one.\n";
    for (const fs::path& folder : sql.candidates) {
        text += fmt::format("# schema = {}\n", list_of({folder / "schema.sql"}));
    }
    return text;
}

std::string words_of(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + quoted(word);
    }
    return "[" + text + "]";
}

/// As a comment where the program would not use the database that it is told.
std::string program_lines(const config::SchemaProgram& program)
{
    const char* const sign = program.reads_url ? "" : "# ";
    std::string text =
        fmt::format("# {} makes the schema (found {}). It is run with DATABASE_URL.\n",
                    program.tool, program.found);
    if (!program.reads_url) {
        text += fmt::format("# {} does not read DATABASE_URL yet. Have it say\n#   {}\n# and take "
                            "away the # below.\n",
                            printable(program.settings_file), program.advice);
    }
    text += fmt::format("{}schema_command = {}\n", sign, words_of(program.schema_command));
    text += "# While these files stay the same, `crudctl setup` copies what it built.\n";
    text += fmt::format("{}schema_inputs = {}\n", sign, words_of(program.schema_inputs));
    if (!program.seed_command.empty()) {
        text += fmt::format("{}seed_command = {}\n", sign, words_of(program.seed_command));
    }
    return text;
}

std::string project_lines(const Repository& repository)
{
    std::string text =
        fmt::format("[project]\n"
                    "# The database's name where a profile's URL has none; from {}.\n"
                    "name = {}\n",
                    printable(repository.name_origin), quoted(repository.name));
    text += repository.program ? program_lines(*repository.program) : schema_lines(repository.sql);
    if (!repository.program || repository.program->seed_command.empty()) {
        text += "# Loaded after the schema: .sql, .csv and .csv.gz files.\n" +
                files_line("seeds", repository.sql.seeds, "[\"sql/seed.sql\"]");
    }
    if (repository.queries) {
        text += fmt::format("# Named SQL files.\nqueries = {}\n",
                            quoted(repository.queries->generic_string()));
    }
    return text +
           "# Must say true once the schema is loaded; otherwise `crudctl setup` fails, and the "
           "old\n# database stays.\n"
           "# checks = [\"select to_regclass('users') is not null\"]\n"
           "# … and once the seeds are loaded.\n"
           "# seed_checks = [\"select count(*) > 0 from users\"]\n";
}

/// How the compose file's server is reached, where its port is published.
std::string compose_lines(const Repository& repository, const std::string& variable)
{
    std::string text;
    for (const config::ComposeDatabase& compose : repository.compose) {
        if (compose.port.empty()) {
            continue;
        }
        const std::string& name = compose.database.empty() ? repository.name : compose.database;
        text += fmt::format("# {} has one, too, in its service \"{}\". To use that:\n"
                            "#   {}=postgresql://{}:PASSWORD@127.0.0.1:{}/{}\n",
                            repository.compose_file, printable(compose.service), variable,
                            printable(compose.user), compose.port, printable(name));
    }
    return text;
}

std::string local_lines(const Repository& repository)
{
    const std::string variable =
        repository.local_url ? repository.local_url->name : "CONNECTION_URL";
    const std::string seen =
        repository.local_url ? fmt::format(" (it is in {})", printable(repository.local_url->where))
                             : std::string();
    return fmt::format("[profiles.local]\n"
                       "# A URL in {}{} is used; without one …\n"
                       "url = \"${{{}:-}}\"\n"
                       "# … crudctl runs a Postgres for this project alone.\n"
                       "own_server = true\n{}",
                       variable, seen, variable, compose_lines(repository, variable));
}

std::string aws_lines(const Repository& repository)
{
    std::string text = "[profiles.prod.aws]\n"
                       "# For `crudctl update-sg-rule prod` and `crudctl rds`. ";
    std::string seen;
    for (const config::SeenVariable& variable : repository.aws) {
        seen += (seen.empty() ? "" : ", ") + variable.name;
    }
    text += seen.empty() ? "\n" : fmt::format("Seen here: {}.\n", seen);
    return text +
           "# The region; without it AWS_REGION, AWS_DEFAULT_REGION or the AWS profile's.\n"
           "# region = \"ca-central-1\"\n"
           "# The security group; without it DB_SG_ID.\n"
           "# security_group = \"sg-…\"\n"
           "# The rule's id (without it DB_SG_RULE_ID); \"create\" makes one; \"per-workspace\" "
           "keeps one\n# for each workspace.\n"
           "# security_group_rule = \"per-workspace\"\n"
           "# The RDS instance.\n"
           "# instance = \"…\"\n";
}

std::string prod_lines(const Repository& repository)
{
    const std::string variable =
        repository.prod_url ? repository.prod_url->name : "PROD_CONNECTION_URL";
    return fmt::format("[profiles.prod]\n"
                       "# In the environment or in .env, never in this file: it holds a password.\n"
                       "url = \"${{{}}}\"\n"
                       "# What destroys shows what would be lost, and wants {}@prod typed.\n"
                       "protected = true\n"
                       "# Whether `crudctl setup` loads the seeds: ask, never or always.\n"
                       "seed = \"ask\"\n"
                       "# A password manager can give the password; an argument list, no shell.\n"
                       "# password_command = [\"op\", \"read\", \"op://prod/pg\"]\n"
                       "\n{}",
                       variable, printable(repository.name), aws_lines(repository));
}

/// The same, for whoever needs it later.
std::string as_comment(const std::string& lines)
{
    std::string text;
    for (std::size_t at = 0; at < lines.size();) {
        const auto end = lines.find('\n', at);
        const std::string line = lines.substr(at, end - at);
        text += line.empty() ? "\n" : "# " + line + "\n";
        at = end + 1;
    }
    return text;
}

/// The command that a script is called after: bin/db-setup, bin/db-setup.sh, bin/db/setup.
const CommandEntry* command_for(const fs::path& script)
{
    const std::string stem = script.stem().string();
    const std::string with_folder = script.parent_path().filename().string() + "-" + stem;
    const auto entries = registry();
    const auto found = std::ranges::find_if(entries, [&](const CommandEntry& entry) {
        return std::ranges::any_of(entry.aliases, [&](const std::string& alias) {
            return alias == stem || alias == with_folder;
        });
    });
    return found == entries.end() ? nullptr : &*found;
}

std::string script_lines(const std::vector<fs::path>& scripts)
{
    std::string text;
    for (const fs::path& script : scripts) {
        if (const CommandEntry* command = command_for(script)) {
            text += fmt::format("#   {:32} crudctl {}\n", printable(script.generic_string()),
                                command->name);
        }
    }
    return text.empty() ? text : "\n# What these scripts did, crudctl does:\n" + text;
}

} // namespace

std::string config_text(const Repository& repository)
{
    const bool has_prod = repository.prod_url || !repository.aws.empty();
    const std::string prod = prod_lines(repository);
    return "# Settings of crudctl for this project, as `crudctl init` found it. `crudctl config` "
           "shows "
           "what is\n# in force. Paths are relative to this folder. ${NAME} is a variable of the "
           "environment or of\n# .env, looked at only when a command needs it; ${NAME:-} may be "
           "unset.\n\n" +
           project_lines(repository) + "\n" + local_lines(repository) + "\n" +
           (has_prod ? prod
                     : "# For a server that matters, take away the first # of each line:\n" +
                           as_comment(prod)) +
           script_lines(repository.scripts);
}

std::string missing_for_setup(const Repository& repository, const fs::path& root)
{
    if (repository.program && !repository.program->reads_url) {
        return fmt::format("{} has to read DATABASE_URL first, as crudctl.toml says",
                           printable(repository.program->settings_file));
    }
    const bool has_schema = !repository.sql.schema.empty() || repository.program;
    return has_schema ? "" : config::no_schema_text(root, repository.sql.candidates);
}

} // namespace crudctl::commands
