#include "server/startup.hpp"

#include "server/account.hpp"
#include "server/initdb.hpp"
#include "server/process_table.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

using namespace std::chrono_literals;

/// One of unix_socket_directories, which is a list: quoted, so that a comma or a quote is a part of
/// the name.
std::string list_element(const fs::path& path)
{
    std::string result = "\"";
    for (const char c : path.string()) {
        result.append(c == '"' ? 2 : 1, c);
    }
    return result + '"';
}

/// Settings that the server is found by, and those that suit a developer's data: synchronous_commit
/// may lose the last moments in a crash of the machine, but never harms what is there.
std::vector<std::string> postgres_call(const StartRequest& request, int port)
{
    std::vector<std::string> settings = {"port=" + std::to_string(port),
                                         "cluster_name=" + request.layout.cluster_name(),
                                         "unix_socket_directories=" +
                                             list_element(request.socket_folder),
                                         "unix_socket_permissions=0700",
                                         "listen_addresses=127.0.0.1",
                                         "synchronous_commit=off",
                                         "log_destination=stderr",
                                         "logging_collector=off"};
#ifdef __linux__
    constexpr int first_with_syncfs = 14;
    if (request.binaries.major >= first_with_syncfs) {
        settings.emplace_back("recovery_init_sync_method=syncfs"); // not an fsync of each file
    }
#endif
    std::vector<std::string> call = {request.binaries.program("postgres").string(), "-D",
                                     request.layout.data().string()};
    for (const std::string& setting : settings) {
        call.insert(call.end(), {"-c", setting});
    }
    return call;
}

/// Makes the folder of the socket where it is missing. In /tmp anybody may have made it first, and
/// who owns it could pose as our server.
void prepare_socket_folder(const fs::path& folder, const std::optional<Account>& account)
{
    make_folder(folder, 0700, account);
    struct stat facts {};
    const uid_t owner = account ? account->user : ::geteuid();
    if (::lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != owner ||
        (facts.st_mode & 0077U) != 0) {
        throw Error(ExitCode::failed,
                    fmt::format("cannot put the server's socket into \"{}\": it is not a private "
                                "folder (mode 0700) of {}",
                                folder.string(), user_text(owner)),
                    "remove it, or set server.data_directory to a shorter path");
    }
}

/// Nobody holds the data, so a socket of theirs is a left-over: its lock file would stop a start if
/// the process id in it belongs to another program by now.
void remove_stale_socket(const State& state)
{
    const fs::path socket = state.socket_folder / fmt::format(".s.PGSQL.{}", state.port);
    remove_path(socket);
    remove_path(socket.string() + ".lock");
}

/// Keeps the log from growing for ever: the last one stays beside it.
void rotate_log(const fs::path& log)
{
    constexpr std::uintmax_t largest = 10UL << 20U;
    std::error_code missing;
    const auto size = fs::file_size(log, missing);
    if (!missing && size > largest) {
        fs::rename(log, log.string() + ".1", missing);
    }
}

std::streamoff size_of(const fs::path& file)
{
    std::error_code missing;
    const auto size = fs::file_size(file, missing);
    return missing ? 0 : static_cast<std::streamoff>(size);
}

std::string text_from(const fs::path& path, std::streamoff offset)
{
    std::ifstream file(path, std::ios::binary);
    file.seekg(offset);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

[[noreturn]] void throw_not_started(const StartRequest& request, std::streamoff log_start)
{
    constexpr std::size_t shown_lines = 8;
    const std::string words = text_from(request.layout.log(), log_start);
    throw Error(ExitCode::external,
                fmt::format("the Postgres {} server in \"{}\" did not start:{}",
                            request.binaries.version, request.layout.base.string(),
                            last_lines(words, shown_lines)),
                fmt::format("its whole log is \"{}\"", request.layout.log().string()));
}

[[noreturn]] void throw_port_taken(const StartRequest& request, int port)
{
    throw Error(ExitCode::failed,
                fmt::format("cannot start the server in \"{}\": another program listens on its "
                            "port, {}",
                            request.layout.base.string(), port),
                "end that program, or set server.port to a free one");
}

enum class Outcome { answers, ended };

/// Watches a server that was just started. Not by logging in until it says it is ready: each
/// attempt would leave an error in its log.
Outcome wait_until_it_answers(pid_t server, const State& state, const StartRequest& request,
                              ProcessRunner& processes)
{
    const auto deadline = std::chrono::steady_clock::now() + request.timeouts.start;
    while (std::chrono::steady_clock::now() < deadline) {
        if (processes.ended(server)) {
            return Outcome::ended;
        }
        const auto file = read_pid_file(request.layout.data());
        const bool may_answer = file && file->process == server && file->is_ready;
        const Probe answer =
            may_answer ? probe(socket_info(state), request.layout, request.timeouts.answer)
                       : Probe();
        if (answer.answer == Answer::ours) {
            return Outcome::answers;
        }
        if (answer.answer == Answer::refusing) {
            throw Error(ExitCode::connection, answer.message);
        }
        pause_for(10ms);
    }
    throw Error(
        ExitCode::busy,
        fmt::format(
            "the server in \"{}\" was started but is not ready after {} s",
            request.layout.base.string(),
            std::chrono::duration_cast<std::chrono::seconds>(request.timeouts.start).count()),
        fmt::format("it goes on; see \"{}\"", request.layout.log().string()));
}

} // namespace

State start_server(const StartRequest& request, ProcessRunner& processes)
{
    check_reachable(request.layout.data(), request.account, "server.data_directory");
    check_reachable(request.binaries.folder, request.account, "server.binaries");
    check_data_mode(request.layout);
    prepare_socket_folder(request.socket_folder, request.account);
    rotate_log(request.layout.log());
    State state{request.port, request.socket_folder};
    constexpr int attempts = 200; // each for another reason than the last: a port, a dying process
    for (int attempt = 0; attempt < attempts; ++attempt) {
        if (!port_is_free(state.port)) {
            if (request.port_is == StartRequest::Port::fixed) {
                throw_port_taken(request, state.port);
            }
            state.port = next_port(state.port);
            continue;
        }
        remove_stale_socket(state);
        const auto log_start = size_of(request.layout.log());
        const pid_t server = processes.start_detached({postgres_call(request, state.port),
                                                       program_environment(request.environment),
                                                       "/", request.account, request.layout.log()});
        if (wait_until_it_answers(server, state, request, processes) == Outcome::answers) {
            write_state(request.layout, state);
            return state;
        }
        const bool is_held = !processes_holding(request.layout).empty();
        if (!is_held && port_is_free(state.port)) {
            throw_not_started(request, log_start);
        }
        if (is_held && wait_for_holders(request.layout, request.timeouts)) {
            return *read_state(request.layout); // somebody else's start was faster
        }
    }
    throw_port_taken(request, state.port);
}

void check_data_mode(const Layout& layout)
{
    struct stat facts {};
    if (::stat(layout.data().c_str(), &facts) == 0 && (facts.st_mode & 0027U) != 0) {
        throw Error(ExitCode::failed,
                    fmt::format("the server's data in \"{}\" have mode {:04o}, and Postgres wants "
                                "0700 or 0750",
                                layout.data().string(), facts.st_mode & 07777U),
                    fmt::format("chmod 0700 \"{}\"", layout.data().string()));
    }
}

} // namespace crudctl::server
