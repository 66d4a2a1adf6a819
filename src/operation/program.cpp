#include "operation/program.hpp"

#include "support/system/file.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_input = std::size_t{64} << 20U;

/// What libpq would take from the environment besides: it leads elsewhere.
constexpr std::array misleading = {"PGHOSTADDR",      "PGSERVICE",  "PGSERVICEFILE", "PGOPTIONS",
                                   "PGPASSFILE",      "PGDATABASE", "PGHOST",        "PGPORT",
                                   "PGUSER",          "PGPASSWORD", "PGSSLMODE",     "PGAPPNAME",
                                   "PGCLIENTENCODING"};

Environment environment_for(const Environment& real, const pg::ConnInfo& info)
{
    Environment environment = real;
    for (const char* name : misleading) {
        environment.erase(name);
    }
    const std::string url = info.url(pg::ConnInfo::ShowPassword::yes);
    const std::array<std::pair<const char*, std::string>, 8> values = {{
        {"DATABASE_URL", url},
        {"CONNECTION_URL", url},
        {"PGHOST", info.host()},
        {"PGPORT", info.value("port").value_or("")},
        {"PGUSER", info.user()},
        {"PGDATABASE", info.database()},
        {"PGPASSWORD", info.password().reveal()},
        {"PGSSLMODE", info.value("sslmode").value_or("")},
    }};
    for (const auto& [name, value] : values) {
        if (!value.empty()) {
            environment.set(name, value);
        }
    }
    return environment;
}

/// Without what colours a terminal and moves its cursor: ESC [ … letter.
std::string without_terminal_codes(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        const std::size_t code = std::min(text.find("\x1b["), text.size());
        result += text.substr(0, code);
        text.remove_prefix(code);
        if (!text.empty()) {
            const std::size_t end = text.find_first_not_of("0123456789;?", 2);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
    }
    return result;
}

/// Whole lines of what a program says, as they come, without secrets.
class OutputLines {
public:
    explicit OutputLines(Console& console) : m_console(console) {}

    void take(std::string_view piece)
    {
        m_rest += piece;
        std::size_t begin = 0;
        for (auto end = m_rest.find_first_of(line_ends); end != std::string::npos;
             end = m_rest.find_first_of(line_ends, begin)) {
            print(m_rest.substr(begin, end - begin));
            begin = end + 1;
        }
        m_rest.erase(0, begin);
        if (m_rest.size() > longest_line) {
            finish();
        }
    }
    void finish() { print(std::exchange(m_rest, {})); }

private:
    // A spinner's line is written over by a carriage return: each of its states is one line here.
    static constexpr const char* line_ends = "\r\n";
    static constexpr std::size_t longest_line = 65536;

    void print(const std::string& line) const
    {
        const std::string text = without_terminal_codes(line);
        if (!trimmed(text).empty()) {
            m_console.note("  | " + printable(m_console.masked(text)));
        }
    }

    Console& m_console;
    std::string m_rest;
};

} // namespace

pg::ConnInfo application_info(Context& context, const Target& target, const std::string& database)
{
    if (target.is_own_server) { // which has no TLS: some drivers insist on it unless told
        return own_server(context).application_info(database).with("sslmode", "disable");
    }
    const bool has_token = target.profile.auth == config::Auth::rds_iam; // which wants TLS
    const pg::ConnInfo& declared = target.profile.declared;
    return (has_token ? declared.with("sslmode", target.info.value("sslmode").value_or(""))
                      : declared)
        .with_password(target.info.password())
        .with_database(database);
}

pg::ConnInfo program_info(Context& context, const Target& target, const std::string& database)
{
    pg::ConnInfo info = application_info(context, target, database);
    const std::string mode = target.info.value("sslmode").value_or("prefer");
    if (target.is_own_server || mode == "prefer") { // which some drivers take for more than it is
        return info;
    }
    const auto certificate = target.info.value("sslrootcert");
    info = info.with_default("sslmode", mode);
    return certificate ? info.with_default("sslrootcert", *certificate) : info;
}

plan::RunProgram program_step(const config::Project& project, plan::ScriptKind kind)
{
    const bool is_schema = kind == plan::ScriptKind::schema;
    plan::RunProgram step{kind, is_schema ? project.schema_command : project.seed_command, {}};
    if (!is_schema || project.schema_inputs.empty()) {
        return step;
    }
    Sha256 digest;
    for (const fs::path& file : project.schema_inputs) {
        digest.update(file.lexically_relative(project.root).string() + '\n' +
                      sha256_hex(read_file(file, largest_input).text) + '\n');
    }
    step.inputs = digest.hex();
    return step;
}

int run_program(Context& context, const pg::ConnInfo& info, const plan::RunProgram& step)
{
    ProgramCall call;
    call.argv = step.argv;
    call.directory = context.settings.root();
    if (call.argv.front().find('/') != std::string::npos) {
        call.argv.front() = (context.settings.root() / call.argv.front()).string();
    }
    call.environment = environment_for(context.settings.environment(), info);
    context.console.hide(info.password());
    OutputLines lines(context.console);
    call.on_output = [&lines](std::string_view piece) { lines.take(piece); };
    context.console.note(fmt::format("  running  {}", printable(plan::command_of(step))));
    const ProgramResult result = context.processes.run(call);
    lines.finish();
    return result.exit_code;
}

} // namespace crudctl::commands
