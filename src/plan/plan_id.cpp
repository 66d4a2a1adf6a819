#include "plan/plan_id.hpp"

#include "support/sha256.hpp"
#include "support/text.hpp"
#include "support/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

using std::chrono::seconds;

constexpr std::size_t digest_digits = 12;
constexpr int time_base = 36;
constexpr seconds clock_skew{60};

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
    void operator()(const DropDatabase& step) { add("drop").add(step.name); }
    void operator()(const LockTarget& step)
    {
        add("lock").add(step.target).add(step.attributes_of);
    }
    void operator()(const BuildAside& step) { add("build").add(step.target).add(step.copy_of); }
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
    void operator()(const KeepStart& step) { add("keep start").add(step.name); }
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
        add("delete").add(fmt::format("{}", step.copies.size()));
        for (const database::Copy& copy : step.copies) {
            (*this)(copy);
        }
    }
    // Until when a lock holds may have been said from now on.
    void operator()(const WriteMarker& step)
    {
        add("mark").add(step.database).add(step.marker.environment);
        add(step.marker.freeze ? step.marker.freeze->reason : "");
    }

private:
    void operator()(const database::Copy& copy) { add(copy.name).add(copy.oid); }

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

struct ParsedId {
    seconds time{0};
    std::string_view digest;
};

std::optional<ParsedId> parse(std::string_view id)
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
    return ParsedId{seconds(count), id.substr(hyphen + 1)};
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
    const std::string digest = digest_of(plan);
    return digest.empty() ? "" : fmt::format("{}-{}", time_digits(now_of(plan)), digest);
}

std::optional<std::string> objection_to(std::string_view id, const Plan& plan)
{
    const auto parsed = parse(id);
    if (!parsed) {
        return fmt::format("\"{}\" is no plan's id", printable(id));
    }
    const seconds age = now_of(plan) - parsed->time;
    if (age > id_lifetime || age < -clock_skew) {
        return fmt::format("the plan's id is stale: it held for {} minutes", id_lifetime.count());
    }
    if (parsed->digest != digest_of(plan)) {
        return "the plan's id is of another plan: the command, the database, its marker or the "
               "files are not what they were";
    }
    return std::nullopt;
}

} // namespace crudctl::plan
