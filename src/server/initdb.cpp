#include "server/initdb.hpp"

namespace crudctl::server {

Environment program_environment(const Environment& ours)
{
    Environment environment;
    for (const char* name : {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}) {
        if (auto value = ours.value(name)) {
            environment.set(name, *value);
        }
    }
    environment.set("LC_ALL", "C");
    return environment;
}

std::vector<std::string> initdb_call(const Binaries& binaries, const std::filesystem::path& data,
                                     const std::filesystem::path& password_file)
{
    std::vector<std::string> call = {binaries.program("initdb").string(),
                                     "--pgdata=" + data.string(),
                                     "--username=postgres",
                                     "--pwfile=" + password_file.string(),
                                     "--auth-local=trust",
                                     "--auth-host=scram-sha-256",
                                     "--encoding=UTF8",
                                     "--locale=C",
                                     "--lc-messages=C"};
    constexpr int first_with_builtin_locale = 17;
    if (binaries.major >= first_with_builtin_locale) {
        call.insert(call.end(), {"--locale-provider=builtin", "--builtin-locale=C.UTF-8"});
    }
    return call;
}

} // namespace crudctl::server
