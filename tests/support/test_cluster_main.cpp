#include "support/temp_cluster.hpp"

#include <exception>
#include <iostream>
#include <string_view>

int main(int count, char** arguments)
{
    const std::string_view verb = count == 3 ? arguments[1] : "";
    try {
        if (verb == "start") {
            crudctl::tests::TestCluster::start(arguments[2]);
            return 0;
        }
        if (verb == "stop") {
            crudctl::tests::TestCluster::stop(arguments[2]);
            return 0;
        }
    } catch (const std::exception& error) {
        std::cerr << "crudctl_test_cluster: " << error.what() << '\n';
        return 1;
    }
    std::cerr << "usage: crudctl_test_cluster start|stop FOLDER\n";
    return 2;
}
