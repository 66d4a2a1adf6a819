#include "cli/run.hpp"
#include "pg/conn_info.hpp"
#include "support/system/file.hpp"
#include "support/text/secret.hpp"

#include <filesystem>
#include <iostream>

#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace {

/// What a large statement or batch took goes back to the system as soon as it is freed; glibc keeps
/// it otherwise, since it raises this limit by itself.
void give_back_large_memory()
{
#ifdef __GLIBC__
    constexpr int large = 256 << 10;
    ::mallopt(M_MMAP_THRESHOLD, large);
#endif
}

} // namespace

int main(int argc, char* argv[])
{
    using namespace crudctl;
    occupy_closed_streams();
    forbid_core_files();
    give_back_large_memory();
    const Environment environment = Environment::from_process(environ);
    pg::forget_libpq_environment();
    Console console(std::cout, std::cerr, std::cin, Terminal::of_process());
    ProcessRunner processes;
    std::error_code ignored;
    cli::World world{environment, std::filesystem::current_path(ignored), console, processes};
    return to_int(cli::run({argv + 1, argv + argc}, world));
}
