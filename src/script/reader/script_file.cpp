#include "script/reader/script_file.hpp"

#include "script/csv/file.hpp"
#include "script/effect/created_thing.hpp"
#include "script/effect/effect_judge.hpp"
#include "script/effect/load_time.hpp"
#include "script/effect/moment.hpp"
#include "script/effect/role_names.hpp"
#include "script/reader/script_reader.hpp"
#include "script/source/file_digest.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::script {

namespace {

constexpr std::size_t shown_columns = 60;
constexpr std::size_t judged_bytes = std::size_t{64}
                                     << 10U; // of a text for secrets in its first line

FilesEffect::Statement shown(const Piece& piece)
{
    const std::string text = masked_sql(piece.text.substr(0, judged_bytes));
    const std::string_view line = std::string_view(text).substr(0, text.find('\n'));
    return {piece.source->shown(), piece.place,
            shortened(printable(trimmed(line.substr(0, 4 * shown_columns))), shown_columns)};
}

/// Once one destroys, the rest can't make it worse.
void note_effect(FilesEffect& effect, EffectJudge& judge, const Piece& piece)
{
    if (effect.destroying) {
        return;
    }
    const Effect of_piece = judge.take(piece.text, piece.backslashes);
    effect.has_attributes = judge.has_attributes();
    if (of_piece == Effect::destroys) {
        effect.destroying = shown(piece);
    } else if (of_piece == Effect::calls && !effect.calling) {
        effect.calling = shown(piece);
    }
}

void note_outside(Script& script, const Piece& piece)
{
    OutsideStatement outside = outside_of(piece.text, script.settings.database, piece.backslashes);
    if (!outside.what.empty()) {
        outside.file = piece.source->shown();
        outside.line = piece.place.line;
        script.outside.push_back(std::move(outside));
    }
}

void note_server_side(Script& script, const Piece& piece)
{
    if (script.settings.looks_for_server_side && is_server_side(piece.text, piece.backslashes)) {
        script.server_side.push_back({fmt::format("{}:{}", piece.source->shown(), piece.place.line),
                                      std::string(piece.text)});
    }
}

/// Rows may take numbers from sequences, and code may do anything.
bool may_move_sequences(const Piece& piece)
{
    constexpr std::array<std::string_view, 11> verbs = {"insert",  "copy",    "select", "with",
                                                        "merge",   "update",  "do",     "call",
                                                        "execute", "explain", "values"};
    return std::ranges::find(verbs, piece.facts.verb) != verbs.end();
}

void note_created(Script& script, const Piece& piece)
{
    if (piece.facts.verb != "create") {
        return;
    }
    const CreatedThing thing = created_thing(Words(piece.text, piece.backslashes));
    if (thing.name && !thing.is_temporary) {
        script.created.insert(
            fmt::format("{} {}", kind_group(thing.kind), fmt::join(thing.name->parts, ".")));
    }
}

/// A database that is built aside has another name for as long as that takes.
void note_name(const Script& script, LoadTimeScan& scan, const std::string& place,
               std::vector<std::string>& notes)
{
    if (script.settings.mode == TransactionMode::one_each_file && !scan.evaluated().empty()) {
        notes.push_back(fmt::format("{}: current_database() is evaluated while the database is "
                                    "built under another name",
                                    place));
    }
    scan.forget_evaluated();
}

void note_load_time(Script& script, const LoadTimeScan& scan, const std::string& place)
{
    if (script.load_time.empty() && !scan.evaluated().empty()) {
        script.load_time = fmt::format("{} evaluates {}", place, printable(scan.evaluated()));
    }
}

/// A whole field that a date or a timestamp reads as the time of day.
bool has_clock_field(std::string_view data)
{
    while (!data.empty()) {
        const std::size_t end = std::min(data.find_first_of("\t\n\r,;|\"{}"), data.size());
        if (is_clock_field(data.substr(0, end))) {
            return true;
        }
        data.remove_prefix(std::min(end + 1, data.size()));
    }
    return false;
}

void note_clock_in_data(Script& script, ScriptReader& reader, const std::string& place)
{
    for (std::string_view data = reader.next_copy_data(); !data.empty();
         data = reader.next_copy_data()) {
        if (script.load_time.empty() && has_clock_field(data)) {
            script.load_time = place + " loads data that say now, today or their like";
        }
    }
}

/// What is found out about statements from those before them.
struct Scans {
    EffectJudge judge;
    LoadTimeScan load_time;
    LoadTimeScan own_name;
    RoleNames roles;
};

void add_csv(Script& script, Scans& scans, SharedSource source)
{
    FileOutline outline;
    outline.csv = read_csv_seed(source);
    outline.bytes = source->size();
    outline.digest = digest_of(source);
    if (script.settings.mode == TransactionMode::one_each_file) {
        scans.own_name.take_csv(outline.csv->table.table, outline.csv->columns);
        note_name(script, scans.own_name, source->shown(), outline.notes);
    }
    if (script.settings.looks_for_load_time) {
        scans.load_time.take_csv(outline.csv->table.table, outline.csv->columns);
        note_load_time(script, scans.load_time, source->shown());
    }
    script.moves_sequences = true;
    outline.source = std::move(source);
    script.files.push_back(std::move(outline));
}

/// Reads a file through; gives the variables that it left.
Variables read_through(Script& script, Scans& scans, SharedSource source, Variables variables)
{
    if (has_csv_name(source->path())) {
        add_csv(script, scans, std::move(source));
        return variables;
    }
    scans.judge.begin_file();
    DigestParts digest;
    ScriptReader reader(source, script.settings, std::move(variables), &digest);
    DatabaseChanges of_database;
    std::vector<std::string> name_notes;
    while (const auto piece = reader.next()) {
        if (piece->kind != Piece::Kind::statement) {
            continue;
        }
        note_effect(script.effect, scans.judge, *piece);
        const std::string place = fmt::format("{}:{}", piece->source->shown(), piece->place.line);
        if (script.settings.looks_for_load_time) {
            scans.load_time.take(piece->text, piece->backslashes);
            note_load_time(script, scans.load_time, place);
        }
        if (script.settings.mode == TransactionMode::one_each_file) {
            scans.own_name.take(piece->text, piece->backslashes);
            note_name(script, scans.own_name, place, name_notes);
        }
        note_created(script, *piece);
        script.moves_sequences = script.moves_sequences || may_move_sequences(*piece);
        scans.roles.add(piece->text, piece->backslashes);
        note_outside(script, *piece);
        note_server_side(script, *piece);
        of_database.add(piece->text,
                        !piece->facts.database.empty() &&
                            piece->facts.database == script.settings.database,
                        piece->backslashes);
        if (piece->has_copy_data && script.settings.looks_for_load_time &&
            script.load_time.empty()) {
            note_clock_in_data(script, reader, place);
        } else if (piece->has_copy_data) {
            reader.skip_copy_data();
        }
    }
    std::vector<std::string> notes = reader.notes();
    std::ranges::move(name_notes, std::back_inserter(notes));
    script.files.push_back({std::move(source), std::nullopt, reader.statements(),
                            reader.known_bytes(), std::move(notes), std::move(digest).digest(),
                            std::move(of_database)});
    return reader.variables();
}

} // namespace

DatabaseChanges Script::of_database() const
{
    DatabaseChanges all;
    for (const FileOutline& file : files) {
        all.add(file.of_database);
    }
    return all;
}

std::size_t Script::bytes() const
{
    std::size_t sum = 0;
    for (const FileOutline& file : files) {
        sum += file.bytes;
    }
    return sum;
}

std::vector<SharedSource> open_files(const std::vector<ScriptFile>& files,
                                     const ScriptSettings& settings)
{
    std::vector<SharedSource> sources(files.size());
    std::ranges::transform(files, sources.begin(), [&](const ScriptFile& file) {
        return has_csv_name(file.path)
                   ? std::make_shared<const SourceFile>(ScriptFile{file.path, file.shown})
                   : open_sql(file, settings.loading_command);
    });
    return sources;
}

Script read_script(const std::vector<SharedSource>& files, const ScriptSettings& settings)
{
    Script script;
    script.settings = settings;
    Variables variables = settings.variables;
    Scans scans{EffectJudge(settings.known),
                LoadTimeScan(LoadTimeScan::Subject::moment),
                settings.own_name ? *settings.own_name
                                  : LoadTimeScan(LoadTimeScan::Subject::own_name),
                {}};
    for (const SharedSource& file : files) {
        variables = read_through(script, scans, file, std::move(variables));
    }
    script.role_names = std::move(scans.roles.wanted);
    script.role_names.merge(scans.roles.made);
    script.own_name = std::make_shared<const LoadTimeScan>(std::move(scans.own_name));
    return script;
}

Script read_script(const std::vector<ScriptFile>& files, const ScriptSettings& settings)
{
    return read_script(open_files(files, settings), settings);
}

Script read_again(const Script& script, const ScriptSettings& settings)
{
    std::vector<SharedSource> files(script.files.size());
    std::ranges::transform(script.files, files.begin(), &FileOutline::source);
    return read_script(files, settings);
}

} // namespace crudctl::script
