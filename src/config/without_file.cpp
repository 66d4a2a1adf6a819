#include "config/without_file.hpp"

#include <string>
#include <utility>

namespace crudctl::config {

namespace {

/// A profile whose URL is one variable, as a file would say it.
void add_variable_profile(TomlFile& file, const std::string& name, const std::string& variable)
{
    Value table;
    table.type = Value::Type::table;
    Value url;
    url.type = Value::Type::text;
    url.text = "${" + variable + "}";
    file.entries.push_back({{"profiles", name}, {}, std::move(table)});
    file.entries.push_back({{"profiles", name, "url"}, {}, std::move(url)});
}

} // namespace

TomlFile settings_without_file(const Variables& variables)
{
    TomlFile file;
    for (const char* variable : {"CONNECTION_URL", "DATABASE_URL"}) {
        if (variables.find(variable)) {
            add_variable_profile(file, "local", variable);
            break;
        }
    }
    if (variables.find("PROD_CONNECTION_URL")) {
        add_variable_profile(file, "prod", "PROD_CONNECTION_URL");
    }
    return file;
}

} // namespace crudctl::config
