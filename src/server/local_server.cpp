#include "server/local_server.hpp"

#include "pg/error.hpp"
#include "server/account.hpp"
#include "server/initdb.hpp"
#include "server/process_table.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/system/network.hpp"
#include "support/text/random.hpp"

#include <fmt/format.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

/// Somebody deleted the password file: applications get a new one.
void renew_password(const pg::ConnInfo& info, const Layout& layout)
{
    constexpr std::size_t password_length = 40;
    const std::string password = random_token(password_length);
    pg::Connection connection(info);
    connection.exec("alter role postgres password " + connection.literal(password));
    write_file(layout.password(), password, 0600);
}

} // namespace

LocalServer::LocalServer(ServerOptions options, ProcessRunner& processes)
    : m_options(std::move(options)),
      m_processes(processes),
      m_layout(layout_for({m_options.project_name, m_options.project_root},
                          m_options.data_directory, m_options.environment))
{}

pg::ConnInfo LocalServer::ensure_running(const std::function<void(std::string_view)>& on_step)
{
    const auto step = on_step ? on_step : [](std::string_view) {};
    if (const auto state = read_state(m_layout); state && is_there(m_layout.password())) {
        const Probe answer = probe(socket_info(*state), m_layout, m_options.timeouts.answer);
        if (answer.answer == Answer::ours) {
            return answer.info;
        }
    }
    const ServerLock only_us = lock();
    auto info = [&] {
        if (const auto answer = wait_for_holders(m_layout, m_options.timeouts)) {
            return answer->info;
        }
        remove_leftovers(m_layout);
        if (!has_data()) {
            step(fmt::format("making a Postgres server in \"{}\"", m_layout.base.string()));
            create();
        }
        step("starting the project's Postgres server");
        return socket_info(start_server(start_request(), m_processes));
    }();
    if (!is_there(m_layout.password())) {
        renew_password(info, m_layout);
    }
    return info;
}

std::optional<pg::Connection> LocalServer::connect_if_running(const std::string& database,
                                                              pg::ConnectionObserver observer) const
{
    const auto state = read_state(m_layout);
    if (!state) {
        return std::nullopt;
    }
    try {
        // No question about the data directory: only its account can listen in this folder.
        return pg::Connection(socket_info(*state).with_database(database), std::move(observer));
    } catch (const pg::ConnectError& error) {
        if (error.sqlstate().empty() || error.sqlstate() == pg::sqlstate::cannot_connect_now) {
            return std::nullopt;
        }
        throw;
    }
}

Pending LocalServer::pending() const
{
    if (connect_if_running("postgres")) {
        return Pending::nothing;
    }
    binaries();
    if (!has_data()) {
        return Pending::make;
    }
    account_of_data(m_layout.data());
    check_data_mode(m_layout);
    return Pending::start;
}

pg::ConnInfo LocalServer::connection_info() const
{
    return socket_info(planned_state());
}

pg::ConnInfo LocalServer::application_info(std::string database) const
{
    if (auto info = tcp_info(m_layout, planned_state())) {
        return info->with_database(std::move(database));
    }
    throw Error(ExitCode::failed, "this project's Postgres server has not been made yet",
                "crudctl server start");
}

std::optional<std::size_t> LocalServer::room() const
{
    std::error_code error;
    const auto space = std::filesystem::space(m_layout.base, error);
    return error ? std::nullopt : std::optional<std::size_t>(space.available);
}

bool LocalServer::owns(const pg::ConnInfo& info) const
{
    const auto state = read_state(m_layout);
    if (!state || info.has_several_hosts() || info.port() != std::to_string(state->port)) {
        return false;
    }
    if (info.is_unix_socket()) {
        return fs::path(info.host()).lexically_normal() == state->socket_folder;
    }
    return is_loopback(info.value("hostaddr").value_or(info.host())) &&
           is_there(m_layout.password());
}

ServerStatus LocalServer::status() const
{
    ServerStatus status;
    const State state = planned_state();
    status.data_directory = m_layout.base;
    status.socket_directory = state.socket_folder;
    status.log = m_layout.log();
    status.port = state.port;
    describe_stopped(status);
    const Probe answer = has_data() ? probe_anyhow(m_layout, m_options.timeouts) : Probe();
    const bool runs = answer.answer == Answer::ours || answer.answer == Answer::not_yet ||
                      answer.answer == Answer::refusing;
    const auto holders = has_data() ? processes_holding(m_layout) : std::vector<pid_t>();
    if (runs) {
        const auto file = read_pid_file(m_layout.data());
        status.state = ServerState::running;
        status.pid = file ? file->process : 0;
        status.problem = answer.message;
        status.version = answer.version.empty() ? status.version : answer.version;
    } else if (!holders.empty()) {
        status.state = ServerState::broken;
        status.problem =
            fmt::format("process {} has the data and does not answer", holders.front());
    }
    return status;
}

void LocalServer::describe_stopped(ServerStatus& status) const
{
    try {
        status.state = has_data() ? ServerState::stopped : ServerState::absent;
        const Binaries found = binaries();
        status.binaries = found.folder;
        status.version = found.version;
        status.why_binaries = found.why;
        if (has_data()) {
            account_of_data(m_layout.data());
            check_data_mode(m_layout);
        }
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
            throw;
        }
        status.problem = error.what();
        if (status.state == ServerState::stopped) {
            status.state = ServerState::broken;
        }
    }
}

bool LocalServer::has_data() const
{
    return is_there(m_layout.data());
}

std::optional<int> LocalServer::data_major() const
{
    if (!has_data()) {
        return std::nullopt;
    }
    constexpr std::size_t more_than_enough = 4096;
    const fs::path file = m_layout.data() / "PG_VERSION";
    if (const auto major =
            is_there(file) ? major_of(read_file(file, more_than_enough).text) : std::nullopt) {
        return major;
    }
    throw Error(
        ExitCode::failed,
        fmt::format("\"{}\" is not a Postgres data directory: it has no readable PG_VERSION",
                    m_layout.data().string()),
        "set server.data_directory to another folder, or move this one away");
}

Binaries LocalServer::binaries() const
{
    BinariesRequest request;
    request.configured = m_options.binaries;
    request.data_major = data_major();
    return find_binaries(request, m_options.environment, m_processes);
}

State LocalServer::planned_state() const
{
    if (const auto state = read_state(m_layout)) {
        return *state;
    }
    return {
        m_options.port.value_or(preferred_port({m_options.project_name, m_options.project_root})),
        socket_folder_for(m_layout, m_options.environment)};
}

StartRequest LocalServer::start_request() const
{
    StartRequest request;
    request.layout = m_layout;
    request.account = account_of_data(m_layout.data());
    request.binaries = binaries();
    request.socket_folder = socket_folder_for(m_layout, m_options.environment);
    request.port = m_options.port.value_or(planned_state().port);
    request.port_is = m_options.port || is_there(m_layout.state()) ? StartRequest::Port::fixed
                                                                   : StartRequest::Port::may_move;
    request.environment = m_options.environment;
    request.timeouts = m_options.timeouts;
    return request;
}

void LocalServer::create() const
{
    create_cluster(m_layout, binaries(), account_for_new_data(), m_options.environment,
                   m_processes);
}

} // namespace crudctl::server
