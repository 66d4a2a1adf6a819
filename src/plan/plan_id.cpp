#include "plan/plan_id.hpp"

#include "database/database.hpp"
#include "database/marker.hpp"
#include "database/queries.hpp"
#include "pg/connection.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <variant>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

using std::chrono::seconds;

constexpr std::size_t digest_digits = 12;
constexpr int time_base = 36;
constexpr seconds clock_skew{60};
constexpr std::chrono::hours longest_lifetime{24}; // that settings can give an id

/// Hashes texts so that none can be mistaken for a part of its neighbours.
class Essence {
public:
    Essence& add(std::string_view text)
    {
        m_hash.update(fmt::format("{}:", text.size()));
        m_hash.update(text);
        return *this;
    }
    void add_all(const std::vector<std::string>& texts)
    {
        add(fmt::format("{}", texts.size()));
        for (const std::string& text : texts) {
            add(text);
        }
    }
    std::string digits() { return m_hash.hex().substr(0, digest_digits); }

    // Of each step what would make it another one.
    void operator()(const CreateDatabase& step) { add("create").add(step.name); }
    void operator()(const DropDatabase& step) { add("drop").add(step.name).add(step.oid); }
    void operator()(const LockTarget& step)
    {
        add("lock").add(step.target).add(step.attributes_of);
        add_copies(step.left_overs);
    }
    void operator()(const BuildAside& step)
    {
        add("build").add(step.target).add(step.copy_of).add(step.copied_oid);
    }
    void operator()(const LoadScripts& step)
    {
        add("load").add(fmt::format(
            "{} {} {} {} {}", static_cast<int>(step.kind),
            static_cast<int>(step.script->settings.mode), static_cast<int>(step.csv_mode),
            static_cast<int>(step.ignores_unknown_settings), static_cast<int>(step.after)));
        add(step.csv_constraint);
        add_all(step.checks);
        add(fmt::format("{}", step.script->files.size()));
        for (const script::FileOutline& file : step.script->files) {
            add(file.source->shown()).add(file.digest.hex());
        }
    }
    void operator()(const RunPsql& step)
    {
        add("psql").add(fmt::format("{}", static_cast<int>(step.kind)));
        for (const script::ScriptFile& file : step.files) {
            add(file.shown);
        }
        add_all(step.digests);
        add_all(step.variables);
    }
    void operator()(const RunProgram& step)
    {
        add("program").add(fmt::format("{}", static_cast<int>(step.kind))).add(step.inputs);
        add_all(step.argv);
    }
    void operator()(const RunChecks& step)
    {
        add("check");
        add_all(step.queries);
    }
    void operator()(const TakeName& step)
    {
        add("take").add(step.target).add(step.marker.environment);
        if (step.copy) {
            (*this)(*step.copy);
        }
    }
    void operator()(const SetAside& step) { add("aside").add(step.target); }
    // Its name may have the time in it.
    void operator()(const KeepAs& step) { add("keep").add(step.marker.stand_in->label); }
    void operator()(const CacheBuild& step) { add("keep start").add(step.name); }
    void operator()(const ServiceCall& step) { add("service").add(step.text); }
    void operator()(const RunQuery& step)
    {
        add("query").add(step.file).add(step.text);
        for (const auto& value : step.values) {
            add(value ? "bound" : "null").add(value.value_or(""));
        }
    }
    void operator()(const CompareContent& step)
    {
        add("compare").add(step.lost_grants == CompareContent::LostGrants::refused ? ""
                                                                                   : "accepting");
    }
    void operator()(const DropCopies& step)
    {
        add("delete").add(step.ends_sessions ? "with sessions" : "");
        add_copies(step.copies);
    }
    // Until when a lock holds may have been said from now on.
    void operator()(const WriteMarker& step)
    {
        add("mark").add(step.database).add(step.marker.environment);
        add(step.marker.freeze ? step.marker.freeze->reason : "");
    }

private:
    void operator()(const database::Copy& copy) { add(copy.name).add(copy.oid); }
    void add_copies(const std::vector<database::Copy>& copies)
    {
        add(fmt::format("{}", copies.size()));
        for (const database::Copy& copy : copies) {
            (*this)(copy);
        }
    }

    Sha256 m_hash;
};

seconds now_of(const Plan& plan)
{
    const auto told = parse_utc(plan.now);
    return std::chrono::floor<seconds>(
        (told ? *told
              : std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()))
            .time_since_epoch());
}

std::string time_digits(seconds time)
{
    std::array<char, 16> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), time.count(), time_base);
    return {digits.data(), end.ptr};
}

/// When an id was printed; nothing for what is none.
std::optional<seconds> time_of(std::string_view id)
{
    const std::size_t hyphen = id.find('-');
    if (hyphen == std::string_view::npos || id.substr(hyphen + 1).size() != digest_digits) {
        return std::nullopt;
    }
    long long count = 0;
    const char* const end = id.data() + hyphen;
    const auto read = std::from_chars(id.data(), end, count, time_base);
    if (read.ec != std::errc() || read.ptr != end ||
        time_digits(seconds(count)) != id.substr(0, hyphen)) {
        return std::nullopt;
    }
    return seconds(count);
}

bool takes_id(const Plan& plan)
{
    return plan.takes_id && !digest_of(plan).empty() &&
           std::ranges::none_of(plan.steps, [](const Step& step) {
               const auto* psql = std::get_if<RunPsql>(&step);
               return std::holds_alternative<RunProgram>(step) || // what it reads can change
                      (psql != nullptr && !psql->are_files_known);
           });
}

/// The time is part of what is hashed: another one in front would be another plan's id.
std::string sealed(seconds time, const Plan& plan)
{
    return fmt::format("{}-{}", time_digits(time),
                       Essence().add(time_digits(time)).add(digest_of(plan)).digits());
}

using database::Marker;

[[noreturn]] void refuse_id(const std::string& message)
{
    throw Error(ExitCode::refused, message + "; nothing was changed");
}

/// The marker as it is now that no other run can write it.
Marker locked_marker(const Plan& plan, pg::Connection& connection)
{
    connection.exec(database::queries::id_lock, "crudctl ids " + plan.oid);
    const pg::Result found = connection.exec(database::queries::content_look);
    const database::Comment comment =
        found.empty() ? database::Comment() : database::parse_comment(found[0].text("comment"));
    if (found.empty() || found[0].text("oid") != plan.oid || !comment.marker ||
        database::to_line_without_ids(*comment.marker) != plan.marker_line) {
        refuse_id(
            fmt::format("\"{}\" is not what the plan's id was made for any more", plan.database));
    }
    return *comment.marker;
}

void merge(Marker& marker, const std::vector<std::string>& ids)
{
    for (const std::string& id : ids) {
        if (std::ranges::find(marker.used_ids, id) == marker.used_ids.end()) {
            marker.used_ids.push_back(id);
        }
    }
}

/// What a step expects the marker to be, or makes it.
void keep_ids(Step& step, const Marker& now)
{
    if (auto* lock = std::get_if<LockTarget>(&step)) {
        lock->expected_marker = now;
    } else if (auto* name = std::get_if<TakeName>(&step)) {
        merge(name->marker, now.used_ids);
    } else if (auto* marker = std::get_if<WriteMarker>(&step)) {
        merge(marker->marker, now.used_ids);
    } else if (auto* load = std::get_if<LoadScripts>(&step); load != nullptr && load->marker) {
        merge(load->marker->marker, now.used_ids);
    }
}

} // namespace

std::string digest_of(const Plan& plan)
{
    if (plan.effect < Effect::disrupts || !plan.preparations.empty()) {
        return "";
    }
    Essence essence;
    essence.add(plan.command).add(plan.profile).add(plan.database).add(plan.target_text);
    essence.add(plan.server_identity).add(plan.oid).add(plan.marker_line);
    essence.add(effect_name(plan.effect)).add(plan.undo_reaches ? "undo" : "");
    for (const Step& step : plan.steps) {
        std::visit(essence, step);
    }
    return essence.digits();
}

std::string id_of(const Plan& plan)
{
    return takes_id(plan) ? sealed(now_of(plan), plan) : "";
}

std::optional<std::string> objection_to(std::string_view id, const Plan& plan)
{
    if (!takes_id(plan)) {
        return "--confirm carries a plan's id, and this plan takes none";
    }
    const auto time = time_of(id);
    if (!time) {
        return fmt::format("\"{}\" is no plan's id", printable(id));
    }
    if (std::ranges::find(plan.used_ids, id) != plan.used_ids.end()) {
        return "the plan's id was used before, and holds for one run";
    }
    const seconds age = now_of(plan) - *time;
    if (age > plan.id_lifetime || age < -clock_skew) {
        return fmt::format("the plan's id is stale: it held for {}",
                           duration_text(static_cast<double>(plan.id_lifetime.count())));
    }
    if (sealed(*time, plan) != id) {
        return "the plan's id is of another plan: the command, the database, its marker or the "
               "files are not what they were";
    }
    return std::nullopt;
}

std::vector<std::string> still_valid(std::vector<std::string> ids, const std::string& now)
{
    const auto told = parse_utc(now);
    if (told) {
        const seconds oldest =
            std::chrono::floor<seconds>(told->time_since_epoch()) - longest_lifetime - clock_skew;
        std::erase_if(
            ids, [&](const std::string& id) { return time_of(id).value_or(seconds(0)) < oldest; });
    }
    return ids;
}

Plan with_used_id(const Plan& plan, const std::string& id, pg::Connection& connection)
{
    // Each statement has to see what the run before it in the queue committed.
    pg::Transaction transaction(connection, "isolation level read committed, read write");
    connection.exec("set local search_path = ''"); // what others put there must not run
    Marker marker = locked_marker(plan, connection);
    if (std::ranges::find(marker.used_ids, id) != marker.used_ids.end()) {
        refuse_id("the plan's id was used before, and holds for one run");
    }
    marker.used_ids = still_valid(marker.used_ids, plan.now);
    marker.used_ids.push_back(id);
    connection.exec_script(
        database::put_line_sql(connection, plan.database, database::to_line(marker)));
    transaction.commit();
    Plan bound = plan;
    for (Step& step : bound.steps) {
        keep_ids(step, marker);
    }
    return bound;
}

} // namespace crudctl::plan
