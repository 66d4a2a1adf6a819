#include "plan/journal.hpp"

#include "plan/plan_id.hpp"
#include "support/error.hpp"
#include "support/process/user.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <system_error>

#include <nlohmann/json.hpp>

namespace crudctl::plan {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const JournalEntry& entry)
{
    return {{"time", entry.time},
            {"command", entry.command},
            {"project", entry.project},
            {"profile", entry.profile},
            {"target", entry.target},
            {"database", entry.database},
            {"user", entry.author.user},
            {"host", entry.author.host},
            {"git", entry.author.git},
            {"plan", entry.plan_id},
            {"effect", entry.effect},
            {"result", entry.result},
            {"exit_code", entry.exit_code},
            {"seconds", entry.seconds},
            {"undo", entry.undo},
            {"undo_oid", entry.undo_oid},
            {"undo_owner", entry.undo_owner},
            {"server", entry.server},
            {"message", entry.message}};
}

/// Bytes that are no UTF-8, as a folder's name may have them, come out replaced.
std::string text_of(const Json& json, int indent)
{
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

/// Nothing where the line is none of ours, or only half of one. What a later version left out is
/// empty.
std::optional<JournalEntry> entry_from(const std::string& line)
{
    try {
        const Json json = Json::parse(line);
        const auto text = [&](const char* key) { return json.value(key, std::string()); };
        JournalEntry entry;
        entry.time = json.at("time").get<std::string>();
        entry.command = json.at("command").get<std::string>();
        entry.project = text("project");
        entry.profile = text("profile");
        entry.target = text("target");
        entry.database = text("database");
        entry.author = {text("user"), text("host"), text("git")};
        entry.plan_id = text("plan");
        entry.effect = text("effect");
        entry.result = text("result");
        entry.exit_code = json.value("exit_code", 0);
        entry.seconds = json.value("seconds", 0.0);
        entry.undo = text("undo");
        entry.undo_oid = text("undo_oid");
        entry.undo_owner = text("undo_owner");
        entry.server = text("server");
        entry.message = text("message");
        return entry;
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

} // namespace

std::string_view result_name(ExitCode code)
{
    switch (code) {
    case ExitCode::done:
        return "done";
    case ExitCode::refused:
        return "refused";
    case ExitCode::unknown:
        return "unknown";
    case ExitCode::interrupted:
    case ExitCode::terminated:
        return "interrupted";
    default:
        return "failed";
    }
}

JournalEntry entry_for(const Plan& plan, const std::filesystem::path& project_root)
{
    JournalEntry entry;
    entry.time = utc_text(std::chrono::system_clock::now());
    entry.command = plan.command;
    entry.project = project_text(project_root);
    entry.profile = plan.profile;
    entry.target = plan.target_text;
    entry.database = plan.database;
    entry.author = author_of(project_root);
    entry.plan_id = digest_of(plan);
    entry.effect = effect_name(plan.effect);
    return entry;
}

std::string project_text(const std::filesystem::path& root)
{
    std::error_code unresolved; // then the path as it stands is as good
    const std::filesystem::path canonical = std::filesystem::weakly_canonical(root, unresolved);
    return printable(unresolved ? root.string() : canonical.string());
}

std::string to_json(const std::vector<JournalEntry>& entries)
{
    Json document = Json::array();
    std::ranges::transform(entries, std::back_inserter(document), json_of);
    return text_of(document, 2);
}

Journal Journal::of_user(const Environment& environment)
{
    const auto folder = own_state_folder(environment);
    if (!folder) {
        throw Error(ExitCode::configuration,
                    "cannot tell where the journal shall lie: HOME is not set, and the passwd "
                    "database does not know this user",
                    "set XDG_STATE_HOME");
    }
    return Journal(*folder / "journal.jsonl");
}

void Journal::append(const JournalEntry& entry) const
{
    m_log.append(text_of(json_of(entry), -1));
}

bool Journal::knows_set_aside(const std::string& server, const std::string& oid,
                              const std::string& owner) const
{
    return !last(1, [&](const JournalEntry& entry) {
                return !entry.undo_oid.empty() && entry.undo_oid == oid &&
                       entry.undo_owner == owner && entry.server == server;
            }).empty();
}

std::vector<JournalEntry>
Journal::last(std::size_t most, const std::function<bool(const JournalEntry&)>& is_wanted) const
{
    const std::vector<std::string> lines = m_log.lines();
    std::vector<JournalEntry> entries;
    for (auto line = lines.rbegin(); line != lines.rend() && entries.size() < most; ++line) {
        auto entry = entry_from(*line);
        if (entry && is_wanted(*entry)) {
            entries.push_back(std::move(*entry));
        }
    }
    std::ranges::reverse(entries);
    return entries;
}

} // namespace crudctl::plan
