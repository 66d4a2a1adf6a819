#include "operation/copy_choice.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

std::string hint_about_saving(const Context& context, const std::string& profile)
{
    return context.settings.profile(profile).protection.is_protected
               ? fmt::format("crudctl does not copy a protected database. crudctl setup {0} keeps "
                             "the old one, and crudctl undo -p {0} restores it",
                             profile)
               : fmt::format("crudctl save -p {0} NAME keeps a copy of its database; crudctl save "
                             "--name {0} calls one \"{0}\"",
                             profile);
}

} // namespace

void declare_copy_name(CLI::App& command, CopyName& name, const std::string& description)
{
    CLI::Option* word = command.add_option("NAME", name.word, description)->type_name("");
    command.add_option("--name", name.option, "the same, where NAME is also a profile")
        ->type_name("NAME")
        ->excludes(word);
}

void require_copy_name(const Context& context, const std::string& verb, const CopyName& name)
{
    if (name.is_given() && name.text().empty()) {
        throw Error(ExitCode::usage, "the copy's name is empty", "crudctl copies lists the copies");
    }
    const auto profiles = context.settings.profile_names();
    if (!name.word || std::ranges::find(profiles, *name.word) == profiles.end()) {
        return;
    }
    const std::string& profile = *name.word;
    throw Error(ExitCode::usage,
                fmt::format("\"{}\" is a profile, and {} takes the name of a copy",
                            printable(profile), verb),
                verb == "save"
                    ? hint_about_saving(context, profile)
                    : fmt::format("crudctl undo -p {0} restores the previous database of "
                                  "{0}; crudctl undo --name {0} restores a copy",
                                  profile));
}

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
