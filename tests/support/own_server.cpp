#include "support/own_server.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"

#include <cerrno>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace crudctl::tests {

OwnServer::OwnServer(const std::string& place)
{
    options.project_name = "cruddur";
    options.project_root = m_folder.path();
    options.data_directory = m_folder.path() / place;
    options.environment = Environment::from_process(environ);
    options.environment.set("CRUDCTL_PG_BIN", TestCluster::running().binaries());
    // Several builds and test runs may share the machine: slow is no failure.
    constexpr auto generous = std::chrono::minutes(4);
    options.timeouts = {std::chrono::minutes(1), generous, generous, generous, generous};
}

OwnServer::~OwnServer()
{
    try {
        if (std::filesystem::exists(base() / "crudctl-server")) {
            instance().remove();
        }
    } catch (const std::exception& error) {
        std::cerr << "cannot remove the server in " << base() << ": " << error.what() << '\n';
    }
}

void OwnServer::make()
{
    const TestCluster& cluster = TestCluster::running();
    std::filesystem::create_directories(base());
    write_file(base() / "crudctl-server", "for a test\n");
    write_file(base() / "password", cluster.password(), 0600);
    const ProgramResult copied =
        m_processes.run({{"cp", "-a", cluster.pristine_data().string(), data().string()},
                         options.environment,
                         {},
                         {},
                         {}});
    if (!copied.succeeded()) {
        throw std::runtime_error("cannot copy the test cluster's data: " + copied.err);
    }
}

pid_t in_child(const std::function<void()>& work)
{
    const pid_t child = ::fork();
    if (child != 0) {
        ::setpgid(child, child);
        return child;
    }
    ::setpgid(0, 0);
    int code = 0;
    try {
        work();
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        code = to_int(error.code());
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        code = 99;
    }
    ::_exit(code);
}

int exit_code_of_child(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool eventually(const std::function<bool()>& condition)
{
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 2min;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

} // namespace crudctl::tests
