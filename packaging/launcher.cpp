// The `bin/crudctl` of the archive: starts `lib/crudctl` with the loader and the libraries that lie
// beside it, so that nothing of the host's is needed, not even a shell. It is linked statically.

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/auxv.h>
#include <unistd.h>

namespace {

using Path = std::array<char, PATH_MAX>;

/// The archive's loader, under a name by which it is known in a list of processes.
constexpr const char* loader_name = "lib/crudctl-loader";

[[noreturn]] void fail(const char* what, const char* path)
{
    std::fprintf(stderr, "crudctl: error: %s \"%s\": %s\n", what, path, std::strerror(errno));
    std::exit(1);
}

/// Where this program lies, links resolved. Without /proc, as in a bare chroot, the kernel still
/// says by which path it was started.
Path own_path()
{
    Path path{};
    if (::readlink("/proc/self/exe", path.data(), path.size() - 1) > 0) {
        return path;
    }
    const auto* started = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
    if (started == nullptr || ::realpath(started, path.data()) == nullptr) {
        fail("cannot tell where it lies:", started == nullptr ? "" : started);
    }
    return path;
}

/// `name` in the folder above the one that `program` lies in.
Path beside(const Path& program, const char* name)
{
    Path path = program;
    for (int i = 0; i < 2; ++i) {
        char* slash = std::strrchr(path.data(), '/');
        *(slash == nullptr ? path.data() : slash) = '\0';
    }
    const std::size_t length = std::strlen(path.data());
    if (length + 1 + std::strlen(name) >= path.size()) {
        errno = ENAMETOOLONG;
        fail("cannot start", program.data());
    }
    path[length] = '/';
    std::strcpy(path.data() + length + 1, name);
    return path;
}

} // namespace

int main(int argc, char* argv[])
{
    const Path own = own_path();
    Path loader = beside(own, loader_name);
    Path libraries = beside(own, "lib");
    Path program = beside(own, "lib/crudctl");
    char no_cache[] = "--inhibit-cache"; // the host's list of libraries leads to the host's
    char name[] = "--argv0";
    char own_name[] = "crudctl";
    char path[] = "--library-path";
    const std::array front = {
        loader.data(), no_cache,         name,          argc > 0 ? argv[0] : own_name,
        path,          libraries.data(), program.data()};

    const auto count = front.size() + static_cast<std::size_t>(argc) + 1;
    auto** arguments = static_cast<char**>(std::calloc(count, sizeof(char*)));
    if (arguments == nullptr) {
        fail("cannot start", program.data());
    }
    std::memcpy(arguments, front.data(), sizeof front);
    if (argc > 1) {
        std::memcpy(arguments + front.size(), argv + 1,
                    static_cast<std::size_t>(argc - 1) * sizeof(char*));
    }
    ::execv(loader.data(), arguments);
    fail("cannot start", loader.data());
}
