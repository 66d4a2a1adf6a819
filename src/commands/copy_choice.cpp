#include "commands/copy_choice.hpp"

#include "support/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::commands {

const database::Copy* find_copy(const database::Survey& survey, const std::string& name)
{
    const auto found = std::ranges::find_if(survey.copies, [&](const database::Copy& copy) {
        const bool is_its_label =
            copy.is(database::StandInKind::saved) && copy.stand_in().label == name;
        return is_its_label || copy.name == name;
    });
    return found == survey.copies.end() ? nullptr : &*found;
}

const database::Copy& copy_named(const Target& target, const database::Survey& survey,
                                 const std::string& name)
{
    if (const database::Copy* copy = find_copy(survey, name)) {
        return *copy;
    }
    throw Error(ExitCode::usage,
                fmt::format("there is no copy \"{}\" of \"{}\"", printable(name), survey.database),
                option_command_text(target, "copies") + " lists what there is");
}

} // namespace crudctl::commands
