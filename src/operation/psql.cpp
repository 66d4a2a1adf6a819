#include "operation/psql.hpp"

#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/random.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace crudctl::commands {

namespace {

constexpr int psql_script_error = 3;                                   // with ON_ERROR_STOP
constexpr std::size_t most_bytes_for_secrets = std::size_t{64} << 20U; // of a file

/// A value in a libpq connection string: quoted, with quotes and backslashes escaped.
std::string quoted_value(const std::string& value)
{
    std::string text = "'";
    for (const char c : value) {
        text += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return text + "'";
}

std::string connection_string(const pg::ConnInfo& info)
{
    std::string text;
    for (const auto& [keyword, value] : info.keywords()) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", keyword, quoted_value(value));
    }
    return text;
}

pg::ConnInfo read_only(const pg::ConnInfo& info)
{
    const std::string options = info.value("options").value_or("");
    return info.with("options", options + (options.empty() ? "" : " ") +
                                    "-c default_transaction_read_only=on");
}

std::string users_psqlrc(const Environment& environment)
{
    if (const auto named = environment.value("PSQLRC")) {
        return *named;
    }
    return environment.value("HOME").value_or("") + "/.psqlrc";
}

std::string psql_quoted(const std::string& text)
{
    std::string result = "'";
    for (const char c : text) {
        result += c == '\''   ? std::string("''")
                  : c == '\\' ? std::string("\\\\")
                              : std::string(1, c);
    }
    return result + "'";
}

/// `[prod] cruddur=>`, the profile in red.
std::string prompt(const PsqlSession& session)
{
    return fmt::format("%[%033[1;31m%][{}]%[%033[0m%] %/%R%x%# ", session.profile);
}

/// A statement that changes nothing, for the server's log: psql sends the files' own as they are.
std::string announcement(const std::vector<script::ScriptFile>& files)
{
    std::string names;
    for (const script::ScriptFile& file : files) {
        names += (names.empty() ? "" : ", ") + printable(file.shown);
    }
    return fmt::format("set local crudctl.files = E{}", psql_quoted(names));
}

/// psql quotes the files' lines where they fail. What can't be read has been refused before.
script::SqlSecrets secrets_in(const std::vector<script::ScriptFile>& files)
{
    script::SqlSecrets secrets;
    for (const script::ScriptFile& file : files) {
        std::string text;
        script::SourceFile(file).read(0, most_bytes_for_secrets, text);
        secrets.note(text);
    }
    return secrets;
}

/// A file without a name any more, which psql opens by /dev/fd/N: nothing to clean up.
std::string unnamed_file(const std::string& text)
{
    std::string path = (std::filesystem::temp_directory_path() / "crudctl-psql.XXXXXX").string();
    const int descriptor = ::mkstemp(path.data()); // stays open through exec()
    if (descriptor < 0 || ::unlink(path.c_str()) != 0 ||
        ::write(descriptor, text.data(), text.size()) < 0 ||
        ::lseek(descriptor, 0, SEEK_SET) != 0) {
        throw Error(ExitCode::external, "cannot write a file for psql: " + error_text(errno));
    }
    return fmt::format("/dev/fd/{}", descriptor);
}

} // namespace

void require_psql(const Environment& environment, const ProcessRunner& processes)
{
    if (!processes.find("psql", environment)) {
        throw Error(ExitCode::external, "cannot find psql",
                    "install it: apt-get install postgresql-client, or brew install libpq");
    }
}

ProgramCall psql_call(const PsqlSession& session, const Environment& environment)
{
    ProgramCall call;
    const pg::ConnInfo info = session.is_read_only ? read_only(session.info) : session.info;
    call.argv = {"psql", "--dbname=" + connection_string(info)};
    if (session.is_protected) {
        // For a psql that reads no start-up file (-X).
        call.argv.push_back("--set=PROMPT1=" + prompt(session));
        call.argv.push_back("--set=PROMPT2=" + prompt(session));
    }
    call.argv.insert(call.argv.end(), session.arguments.begin(), session.arguments.end());
    for (const auto& [name, value] : environment.variables()) {
        // What libpq would fill unset keywords from; PSQL_* and PAGER stay.
        if (!name.starts_with("PG") || name == "PGSERVICEFILE" || name == "PGSYSCONFDIR") {
            call.environment.set(name, value);
        }
    }
    if (!session.info.password().empty()) {
        call.environment.set("PGPASSWORD", session.info.password().reveal());
    }
    return call;
}

std::string psqlrc_text(const PsqlSession& session, const Environment& environment)
{
    if (!session.is_protected) {
        return {};
    }
    const std::string own = users_psqlrc(environment);
    std::string text;
    if (std::filesystem::exists(own)) {
        text += fmt::format("\\i {}\n", psql_quoted(own));
    }
    return text + fmt::format("\\set PROMPT1 '{0}'\n\\set PROMPT2 '{0}'\n", prompt(session));
}

namespace {

/// The transaction as psql begins it, and whether it is the same one at the end. Nobody can guess
/// the variable's name.
std::string opening(const plan::RunPsql& step, const plan::OwnStatements& own,
                    const std::string& token)
{
    return fmt::format("{0};\nselect pg_catalog.pg_current_xact_id() as id \\gset crudctl_{1}_\n"
                       "\\warn {1} began :crudctl_{1}_id\n",
                       own.first + announcement(step.files), token);
}

/// What it says where a test fails is the token with what is wrong.
std::string closing(const std::vector<std::string>& last, const std::string& token)
{
    const std::span before(last.begin(), last.end() - 1);
    return fmt::format(R"(\set ON_ERROR_STOP on
{1};
select pg_catalog.pg_current_xact_id()::pg_catalog.text
       operator(pg_catalog.=) :'crudctl_{0}_id' as same \gset crudctl_{0}_
\if :crudctl_{0}_same
\else
\warn {0} ended
select 1 operator(pg_catalog./) 0;
\endif
\set ON_ERROR_STOP off
{2}
\gset crudctl_{0}_
\if :ERROR
\warn {0} reaches
\set ON_ERROR_STOP on
select 1;
\endif
)",
                       token, fmt::join(before, ";\n"), last.back());
}

/// The id of the transaction that opening() told of, which is taken out of what psql says.
std::string take_transaction(std::string& said, const std::string& token)
{
    const std::string word = token + " began ";
    const std::size_t at = said.find(word);
    if (at == std::string::npos) {
        return {}; // psql did not come that far
    }
    const std::size_t end = std::min(said.find('\n', at), said.size());
    const std::string id(trimmed(said.substr(at + word.size(), end - at - word.size())));
    said.erase(at, end + 1 - at);
    return id;
}

/// Throws where what psql says has one of the words of closing().
void require_tested(const std::string& said, const std::string& token, bool is_building)
{
    if (said.find(token + " ended") != std::string::npos) {
        throw Error(
            ExitCode::failed,
            "the files ended the transaction that psql loaded them in: a part of what they did "
            "stays done",
            "leave out --via psql: --no-transaction loads files that have transactions of "
            "their own");
    }
    if (said.find(token + " reaches") != std::string::npos) {
        if (is_building) {
            throw Error(ExitCode::refused,
                        "the files change the database by its name, which it gets when everything "
                        "is loaded; nothing that psql loaded stays",
                        "write current_database() in code, or leave out --via psql: crudctl puts "
                        "the right name into ALTER, GRANT and COMMENT");
        }
        throw script::refusal_of_hidden_reach("the files", "nothing that psql loaded stays");
    }
}

} // namespace

void run_psql(Context& context, const pg::ConnInfo& info, const plan::RunPsql& step,
              const plan::OwnStatements& own)
{
    const std::string token = random_token(16);
    PsqlSession session;
    session.info = info;
    session.arguments = {"-X", "-q", "-1", "-v", "ON_ERROR_STOP=1"};
    for (const std::string& variable : step.variables) {
        session.arguments.insert(session.arguments.end(), {"-v", variable});
    }
    session.arguments.insert(session.arguments.end(),
                             {"-f", unnamed_file(opening(step, own, token))});
    for (const script::ScriptFile& file : step.files) {
        session.arguments.insert(session.arguments.end(), {"-f", file.path.string()});
    }
    session.arguments.insert(session.arguments.end(),
                             {"-f", unnamed_file(closing(own.last, token))});
    const ProgramCall call = psql_call(session, context.settings.environment());
    require_psql(call.environment, context.processes);
    ProgramResult result = context.processes.run(call);
    const std::string transaction = take_transaction(result.err, token);
    const bool stays = !result.succeeded() && own.has_committed(transaction);
    require_tested(result.err, token,
                   info.database() != context.settings.profile().conn_info.database());
    const script::SqlSecrets secrets = secrets_in(step.files);
    for (const std::string& text : {result.out, result.err}) {
        if (!trimmed(text).empty()) {
            context.console.screen({{Style::plain, secrets.masked(trimmed(text))}});
        }
    }
    if (result.succeeded()) {
        return;
    }
    throw Error(result.exit_code == psql_script_error ? ExitCode::failed : ExitCode::external,
                fmt::format("psql ended with {}: {}", result.exit_code,
                            stays ? "the files had ended the transaction that it loaded them in, "
                                    "and a part of what they did stays done"
                                  : "nothing that it loaded stays"));
}

int attend_psql(const PsqlSession& session, const Environment& environment,
                ProcessRunner& processes)
{
    ProgramCall call = psql_call(session, environment);
    require_psql(call.environment, processes);
    const std::string psqlrc = psqlrc_text(session, environment);
    if (!psqlrc.empty()) {
        call.environment.set("PSQLRC", unnamed_file(psqlrc));
    }
    return processes.attend(call);
}

} // namespace crudctl::commands
