#include "commands/schema_cache.hpp"

#include "database/content.hpp"
#include "database/name.hpp"
#include "support/sha256.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace crudctl::commands {

namespace {

constexpr std::size_t kept_others = 1;

/// The extensions that were in it, behind the key.
std::string extensions_of(const database::Copy& copy, const std::string& key)
{
    return copy.stand_in().label.substr(key.size());
}

bool is_made_from(const database::Copy& copy, const std::string& key)
{
    return copy.is(database::StandInKind::schema) && copy.stand_in().label.starts_with(key);
}

} // namespace

std::string schema_key(const plan::Step& schema, const database::Survey& survey)
{
    const auto* load = std::get_if<plan::LoadScripts>(&schema);
    if (load == nullptr) {
        return {};
    }
    Sha256 digest;
    digest.update(survey.version + '\n' + survey.locale + '\n');
    for (const script::FileOutline& file : load->script->files) {
        if (file.names_database) {
            return {};
        }
        digest.update(file.digest + '\n');
    }
    return digest.hex();
}

const database::Copy* kept_schema(pg::Connection& maintenance, const database::Survey& survey,
                                  const std::string& key)
{
    const auto found = std::ranges::find_if(survey.copies, [&](const database::Copy& copy) {
        return is_made_from(copy, key) && copy.is_valid && copy.is_owner;
    });
    if (key.empty() || found == survey.copies.end()) {
        return nullptr;
    }
    const std::string extensions = extensions_of(*found, key);
    const bool is_current =
        extensions.empty() || extensions == database::available_versions(maintenance, extensions);
    return is_current ? &*found : nullptr;
}

void keep_schema(plan::Plan& plan, const database::Survey& survey, const std::string& key)
{
    const bool is_there = std::ranges::any_of(
        survey.copies, [&](const database::Copy& copy) { return is_made_from(copy, key); });
    if (key.empty() || is_there) {
        return;
    }
    plan::KeepSchema step;
    step.name = database::schema_name(survey.database, key);
    step.marker.stand_in = {
        database::StandInKind::schema, survey.database, key, survey.now, plan.command, false};
    plan.steps.emplace_back(std::move(step));
}

void drop_stale_schemas(plan::Plan& plan, const database::Survey& survey, const std::string& key,
                        const database::Copy* fitting)
{
    std::vector<database::Copy> others;
    std::vector<database::Copy> stale;
    for (const database::Copy& copy :
         database::of_kind(survey.copies, database::StandInKind::schema)) {
        if (key.empty() || !is_made_from(copy, key)) {
            others.push_back(copy);
        } else if (fitting == nullptr || copy.name != fitting->name) {
            stale.push_back(copy);
        }
    }
    others.resize(others.size() - std::min(kept_others, others.size())); // oldest first
    stale.insert(stale.end(), others.begin(), others.end());
    if (stale.empty()) {
        return;
    }
    for (const database::Copy& copy : stale) {
        plan.deletions.push_back(database::describe(copy));
    }
    plan.steps.emplace_back(plan::DropCopies{stale});
}

} // namespace crudctl::commands
