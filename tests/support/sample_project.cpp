#include "support/sample_project.hpp"

#include "support/paths.hpp"

#include <utility>

namespace crudctl::tests {

namespace {

constexpr std::string_view configuration = R"([project]
name = "cruddur"
schema = ["sql/schema.sql"]
seeds = ["sql/seed.sql"]

[lambda]
PostConfirmation_ConfirmSignUp = "users/create"

[profiles.local]
url = "${CONNECTION_URL:-}"

[profiles.prod]
url = "${PROD_CONNECTION_URL}"
protected = true
)";

} // namespace

SampleProject::SampleProject()
{
    write("crudctl.toml", configuration);
    std::filesystem::copy(source_folder() / "sql", root() / "sql",
                          std::filesystem::copy_options::recursive);
}

std::filesystem::path SampleProject::write(std::string_view name, std::string_view text) const
{
    return m_home.write("project/" + std::string(name), text);
}

void SampleProject::set_variable(std::string name, std::string value)
{
    m_variables.insert_or_assign(std::move(name), std::move(value));
}

CliCall SampleProject::run_crudctl(std::vector<std::string> arguments) const
{
    CliCall call(std::move(arguments));
    call.in_folder(root()).with_variable("HOME", home().string());
    for (const auto& [name, value] : m_variables) {
        call.with_variable(name, value);
    }
    return call;
}

} // namespace crudctl::tests
