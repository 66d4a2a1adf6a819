#include "pg/libpq_environment.hpp"

#include "pg/handle.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace crudctl::pg {

void forget_libpq_environment()
{
    constexpr std::array kept = {"PGSERVICEFILE", "PGSYSCONFDIR"};
    const OptionsHandle options(PQconndefaults());
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword;
         ++option) {
        const bool is_kept = option->envvar == nullptr ||
                             std::find_if(kept.begin(), kept.end(), [&](const char* name) {
                                 return std::string_view(name) == option->envvar;
                             }) != kept.end();
        if (!is_kept) {
            ::unsetenv(option->envvar);
        }
    }
}

} // namespace crudctl::pg
