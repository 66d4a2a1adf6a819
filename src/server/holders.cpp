#include "server/process_table.hpp"
#include "server/startup.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::server {

namespace {

using namespace std::chrono_literals;

/// Who stands between us and the data.
struct Occupation {
    std::vector<pid_t> holders;
    std::optional<pid_t> undecided; // named by postmaster.pid, alive, and not to be looked at
    bool has_misleading_file = false;

    bool is_over() const { return holders.empty() && !undecided; }
};

Occupation occupation_of(const Layout& layout)
{
    Occupation result;
    result.holders = processes_holding(layout);
    const auto file = read_pid_file(layout.data());
    if (!file || !result.holders.empty()) {
        return result;
    }
    if (holds_data(file->process, layout) == Holds::unknown) {
        result.undecided = file->process;
    }
    // A dead process' file is Postgres' own to take over. It refuses to start, though, for a
    // process id that another program has by now or that nobody reaps, and for garbage.
    result.has_misleading_file =
        !result.undecided && (file->process == 0 || has_entry(file->process));
    return result;
}

[[noreturn]] void throw_occupied(const Layout& layout, const Occupation& occupation)
{
    if (occupation.undecided) {
        throw Error(ExitCode::busy,
                    fmt::format("cannot start the server in \"{}\": its postmaster.pid names "
                                "process {}, which lives but may not be looked at",
                                layout.base.string(), *occupation.undecided),
                    fmt::format("if that process is no Postgres server, remove \"{}\"",
                                (layout.data() / "postmaster.pid").string()));
    }
    throw Error(ExitCode::busy,
                fmt::format("the server in \"{}\" does not answer, but process {} still has its "
                            "data",
                            layout.base.string(), fmt::join(occupation.holders, ", ")),
                "try again; if it stays so, end that process");
}

} // namespace

Probe probe_anyhow(const Layout& layout, const Timeouts& timeouts)
{
    const auto state = read_state(layout);
    if (!state) {
        return {};
    }
    Probe result = probe(socket_info(*state), layout, timeouts.answer);
    const auto file = read_pid_file(layout.data());
    if (result.answer != Answer::nobody || !file || !file->is_ready ||
        holds_data(file->process, layout) == Holds::no) {
        return result;
    }
    // It runs, and its socket is gone: something swept the folder.
    if (const auto info = tcp_info(layout, *state)) {
        Probe over_tcp = probe(*info, layout, timeouts.answer);
        if (over_tcp.answer == Answer::ours) {
            return over_tcp;
        }
    }
    return result;
}

std::optional<Probe> wait_for_holders(const Layout& layout, const Timeouts& timeouts)
{
    const auto begin = std::chrono::steady_clock::now();
    for (;;) {
        Probe answer = probe_anyhow(layout, timeouts);
        if (answer.answer == Answer::ours) {
            return answer;
        }
        if (answer.answer == Answer::refusing) {
            throw Error(ExitCode::connection, answer.message);
        }
        const Occupation occupation = occupation_of(layout);
        if (occupation.is_over()) {
            if (occupation.has_misleading_file) {
                remove_path(layout.data() / "postmaster.pid");
            }
            return std::nullopt;
        }
        const auto limit = answer.answer == Answer::not_yet ? timeouts.start : timeouts.vacate;
        if (std::chrono::steady_clock::now() - begin > limit) {
            throw_occupied(layout, occupation);
        }
        pause_for(100ms);
    }
}

} // namespace crudctl::server
