#include "cli/run.hpp"
#include "pg/libpq_environment.hpp"
#include "support/file.hpp"
#include "support/secret.hpp"

#include <filesystem>
#include <iostream>

#include <unistd.h>

int main(int argc, char* argv[])
{
    using namespace crudctl;
    occupy_closed_streams();
    forbid_core_files();
    const Environment environment = Environment::from_process(environ);
    pg::forget_libpq_environment();
    Console console(std::cout, std::cerr, std::cin, Terminal::of_process());
    ProcessRunner processes;
    std::error_code ignored;
    cli::World world{environment, std::filesystem::current_path(ignored), console, processes};
    return to_int(cli::run({argv + 1, argv + argc}, world));
}
