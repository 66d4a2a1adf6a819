#include "support/temp_role.hpp"

#include "pg/connection.hpp"
#include "support/canary.hpp"
#include "support/temp_cluster.hpp"

#include <atomic>
#include <exception>
#include <iostream>

#include <fmt/format.h>
#include <unistd.h>

namespace crudctl::tests {

TempRole::TempRole(const std::string& attributes)
{
    static std::atomic<int> count = 0;
    m_name = fmt::format("crudctl_role_{}_{}", ::getpid(), ++count);
    pg::Connection admin(TestCluster::running().info());
    admin.exec(
        fmt::format("create role {} {} password {}", m_name, attributes, admin.literal(canary())));
}

TempRole::~TempRole()
{
    try {
        pg::Connection(TestCluster::running().info()).exec("drop role " + m_name);
    } catch (const std::exception& error) {
        std::cerr << "cannot drop role " << m_name << ": " << error.what() << '\n';
    }
}

} // namespace crudctl::tests
