#include "commands/setup/build_cache.hpp"

#include "database/content.hpp"
#include "database/name.hpp"
#include "support/text/sha256.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace crudctl::commands {

namespace {

using namespace std::chrono_literals;
using database::Copy;
using database::StandInKind;

constexpr std::size_t kept_others = 1; // of each kind
constexpr auto seeds_hold_for = 24h;

const std::vector<script::FileOutline>* files_of(const plan::Step& step)
{
    const auto* load = std::get_if<plan::LoadScripts>(&step);
    return load != nullptr ? &load->script->files : nullptr;
}

bool may_be_kept(const std::vector<script::FileOutline>* files)
{
    return files != nullptr && std::ranges::none_of(*files, [](const script::FileOutline& file) {
               return file.of_database.is_lost_by_copy;
           });
}

/// Behind the key its label has the extensions that are in it.
std::string extensions_of(const Copy& copy, const std::string& key)
{
    return copy.stand_in().label.substr(key.size());
}

bool is_made_from(const Copy& copy, const CachedBuild& start)
{
    return !start.key.empty() && copy.is(start.kind) &&
           copy.stand_in().label.starts_with(start.key);
}

/// Made so long ago that its seeds would say something else today.
bool is_over(const Copy& copy, const database::Survey& survey)
{
    const auto now = parse_utc(survey.now);
    return copy.is(StandInKind::seeded) &&
           (!now || copy.stand_in().at < utc_text(*now - seeds_hold_for));
}

bool has_current_extensions(pg::Connection& maintenance, const Copy& copy, const std::string& key)
{
    const std::string extensions = extensions_of(copy, key);
    return extensions.empty() ||
           extensions == database::available_versions(maintenance, extensions);
}

const Copy* fitting_copy(pg::Connection* maintenance, const CachedBuild& start,
                         const database::Survey& survey)
{
    const auto found = std::ranges::find_if(survey.copies, [&](const Copy& copy) {
        // What its owner put into it meanwhile runs as the role at hand, once the seeds are loaded.
        return is_made_from(copy, start) && copy.is_valid && copy.is_owner &&
               copy.owner_acts_as_us && !is_over(copy, survey);
    });
    const bool fits = maintenance != nullptr && found != survey.copies.end() &&
                      has_current_extensions(*maintenance, *found, start.key);
    return fits ? &*found : nullptr;
}

void drop(plan::Plan& plan, std::vector<Copy> copies)
{
    if (copies.empty()) {
        return;
    }
    for (const Copy& copy : copies) {
        plan.deletions.push_back(database::describe(copy));
    }
    plan.steps.emplace_back(plan::DropCopies{std::move(copies), false});
}

/// Of one kind those made from other files, but the newest of them only where it is over.
std::vector<Copy> stale(const database::Survey& survey, const CachedBuild& start)
{
    std::vector<Copy> others = database::of_kind(survey.copies, start.kind); // oldest first
    std::erase_if(others,
                  [&](const Copy& copy) { return !copy.is_owner || is_made_from(copy, start); });
    std::vector<Copy> found;
    for (std::size_t i = 0; i < others.size(); ++i) {
        const bool is_among_newest = others.size() - i <= kept_others;
        if (!is_among_newest || is_over(others[i], survey)) {
            found.push_back(std::move(others[i]));
        }
    }
    return found;
}

} // namespace

std::string digest_of_files(const plan::Step& schema)
{
    Sha256 digest;
    if (const auto* files = files_of(schema)) {
        for (const script::FileOutline& file : *files) {
            // A .csv names its table.
            digest.update(file.digest.hex() + (file.csv ? file.source->shown() : "") + '\n');
        }
    } else if (const auto* program = std::get_if<plan::RunProgram>(&schema)) {
        digest.update(plan::command_of(*program) + '\n' + program->inputs);
    } else if (const auto* psql = std::get_if<plan::RunPsql>(&schema)) {
        for (const std::string& part : psql->seeds) { // the same as if crudctl loaded them
            digest.update(part + '\n');
        }
        for (const std::string& variable : psql->variables) {
            digest.update(variable + '\n');
        }
    }
    return digest.hex();
}

CachedBuild start_after_schema(pg::Connection* maintenance, const plan::Step& schema,
                               const database::Survey& survey)
{
    CachedBuild start;
    if (!std::holds_alternative<plan::RunProgram>(schema) && !may_be_kept(files_of(schema))) {
        return start;
    }
    Sha256 digest;
    // What a build's files make belongs to the role that runs them.
    digest.update(survey.version + '\n' + survey.locale + '\n' + survey.role + '\n' + survey.roles +
                  '\n' + digest_of_files(schema));
    start.key = digest.hex();
    start.copy = fitting_copy(maintenance, start, survey);
    return start;
}

CachedBuild start_after_seeds(pg::Connection* maintenance, const CachedBuild& after_schema,
                              const plan::Step& seeds, const database::Survey& survey)
{
    CachedBuild start{StandInKind::seeded, {}, nullptr};
    const auto* files = files_of(seeds);
    if (after_schema.key.empty() || !may_be_kept(files)) {
        return start;
    }
    Sha256 digest;
    digest.update(after_schema.key + '\n');
    for (const script::FileOutline& file : *files) {
        // A .csv names its table.
        digest.update(file.source->shown() + '\n' + file.digest.hex() + '\n');
    }
    start.key = digest.hex();
    start.copy = fitting_copy(maintenance, start, survey);
    return start;
}

void add_cache_step(plan::Plan& plan, const database::Survey& survey, const CachedBuild& start)
{
    if (start.key.empty() || start || !survey.owner_acts_as_us) {
        return; // it will be the target's owner's, and of no use for this role
    }
    std::vector<Copy> former;
    std::ranges::copy_if(survey.copies, std::back_inserter(former),
                         [&](const Copy& copy) { return is_made_from(copy, start); });
    if (std::ranges::any_of(former, [](const Copy& copy) { return !copy.is_owner; })) {
        return; // its name is taken
    }
    drop(plan, std::move(former));
    plan::CacheBuild step;
    step.name = database::start_name(survey.database, start.kind, start.key);
    step.marker.stand_in = {start.kind, survey.database, start.key,
                            survey.now, plan.command,    false};
    plan.steps.emplace_back(std::move(step));
}

void drop_stale_starts(plan::Plan& plan, const database::Survey& survey,
                       const std::vector<CachedBuild>& starts)
{
    std::vector<Copy> copies;
    for (const CachedBuild& start : starts) {
        std::ranges::move(stale(survey, start), std::back_inserter(copies));
    }
    drop(plan, std::move(copies));
}

} // namespace crudctl::commands
