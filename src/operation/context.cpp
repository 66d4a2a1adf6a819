#include "operation/context.hpp"

#include "support/text/text.hpp"

namespace crudctl::commands {

std::string choice_text(const GlobalOptions& options)
{
    return (options.database ? " -d " + shell_word(*options.database) : "") +
           (options.config_file ? " --config " + shell_word(*options.config_file) : "");
}

std::string doctor_text(const GlobalOptions& options)
{
    return "crudctl doctor" + (options.profile ? " " + *options.profile : "") +
           choice_text(options) + " finds the step that fails";
}

} // namespace crudctl::commands
