#include "operation/copy_choice.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace crudctl::commands {

const database::Copy* find_copy(const database::Survey& survey, const std::string& name)
{
    const auto found = std::ranges::find_if(survey.copies, [&](const database::Copy& copy) {
        const bool is_its_label =
            copy.is(database::StandInKind::saved) && copy.stand_in().label == name;
        return is_its_label || copy.name == name;
    });
    if (found != survey.copies.end()) {
        return &*found;
    }
    const auto other = std::ranges::find(survey.others, name, &database::Copy::name);
    return other == survey.others.end() ? nullptr : &*other;
}

const database::Copy& copy_named(const Target& target, const database::Survey& survey,
                                 const std::string& name)
{
    if (const database::Copy* copy = find_copy(survey, name)) {
        if (copy->claim == database::Claim::foreign) {
            throw Error(ExitCode::refused,
                        fmt::format("\"{}\" is somebody's database: {}; nothing was changed",
                                    printable(copy->name), copy->doubt));
        }
        return *copy;
    }
    throw Error(ExitCode::usage,
                fmt::format("there is no copy \"{}\" of \"{}\"", printable(name), survey.database),
                option_command_text(target, "copies") + " lists what there is");
}

plan::ProtectedBecause protection_of(const std::vector<database::Copy>& copies)
{
    const auto found = std::ranges::find_if(copies, [](const database::Copy& copy) {
        return copy.stand_in().is_protected || copy.marker.environment == "prod";
    });
    return found == copies.end() ? std::nullopt
                                 : plan::ProtectedBecause(fmt::format(
                                       "\"{}\" is a copy of a protected database", found->name));
}

std::vector<database::Copy> unproven_of(const std::vector<database::Copy>& copies)
{
    std::vector<database::Copy> unproven;
    std::ranges::copy_if(copies, std::back_inserter(unproven), [](const database::Copy& copy) {
        return copy.claim == database::Claim::unproven;
    });
    return unproven;
}

} // namespace crudctl::commands
