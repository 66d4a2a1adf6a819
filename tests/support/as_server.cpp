#include "support/as_server.hpp"

#include "server/account.hpp"
#include "support/process/process.hpp"
#include "support/temp_cluster.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include <unistd.h>

namespace crudctl::tests {

namespace {

std::optional<Account> account_of_servers()
{
    return server::account_of_data(TestCluster::running().pristine_data());
}

} // namespace

void run_as_server(std::vector<std::string> argv)
{
    ProcessRunner processes;
    const ProgramResult result = processes.run(
        {std::move(argv), Environment::from_process(environ), "/", account_of_servers(), {}});
    if (!result.succeeded()) {
        throw std::runtime_error(result.out + result.err);
    }
}

void give_to_server(const std::filesystem::path& path)
{
    const auto account = account_of_servers();
    if (account && ::chown(path.c_str(), account->user, account->group) != 0) {
        throw std::runtime_error("cannot give away " + path.string());
    }
}

} // namespace crudctl::tests
