#include "script/reader/script_file.hpp"

#include "script/csv/file.hpp"
#include "script/effect/created_thing.hpp"
#include "script/effect/effect_judge.hpp"
#include "script/effect/load_time.hpp"
#include "script/reader/script_reader.hpp"
#include "script/source/file_digest.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <algorithm>
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

void note_load_time(Script& script, LoadTimeScan& scan, const Piece& piece)
{
    if (script.settings.looks_for_load_time && script.load_time.empty()) {
        scan.take(piece.text, piece.backslashes);
        if (!scan.evaluated().empty()) {
            script.load_time = fmt::format("{}:{} evaluates {}", piece.source->shown(),
                                           piece.place.line, printable(scan.evaluated()));
        }
    }
}

void note_created(Script& script, const Piece& piece)
{
    if (piece.facts.verb != "create") {
        return;
    }
    const CreatedThing thing = created_thing(Words(piece.text, piece.backslashes));
    if (thing.name) {
        script.created.insert((thing.kind == "extension" ? "extension " : "") +
                              fmt::format("{}", fmt::join(thing.name->parts, ".")));
    }
}

/// A database that is built aside has another name for as long as that takes.
std::string note_of_name(const Script& script, LoadTimeScan& scan, const Piece& piece)
{
    if (script.settings.mode != TransactionMode::one_each_file) {
        return {};
    }
    scan.take(piece.text, piece.backslashes);
    if (scan.evaluated().empty()) {
        return {};
    }
    scan.forget_evaluated();
    return fmt::format("{}:{}: current_database() is evaluated while the database is built under "
                       "another name",
                       piece.source->shown(), piece.place.line);
}

void add_csv(Script& script, SharedSource source)
{
    FileOutline outline;
    outline.csv = read_csv_seed(source);
    outline.bytes = source->size();
    outline.digest = digest_of(source);
    outline.source = std::move(source);
    script.files.push_back(std::move(outline));
}

/// What is found out about statements from those before them.
struct Scans {
    EffectJudge judge;
    LoadTimeScan load_time{LoadTimeScan::Subject::moment};
    LoadTimeScan own_name{LoadTimeScan::Subject::own_name};
};

/// Reads a file through; gives the variables that it left.
Variables read_through(Script& script, Scans& scans, SharedSource source, Variables variables)
{
    if (has_csv_name(source->path())) {
        add_csv(script, std::move(source));
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
        note_load_time(script, scans.load_time, *piece);
        note_created(script, *piece);
        if (std::string note = note_of_name(script, scans.own_name, *piece); !note.empty()) {
            name_notes.push_back(std::move(note));
        }
        add_role_names(piece->text, script.role_names, piece->backslashes);
        note_outside(script, *piece);
        note_server_side(script, *piece);
        of_database.add(piece->text,
                        !piece->facts.database.empty() &&
                            piece->facts.database == script.settings.database,
                        piece->backslashes);
        if (piece->has_copy_data) {
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
    Scans scans{EffectJudge(settings.known)};
    for (const SharedSource& file : files) {
        variables = read_through(script, scans, file, std::move(variables));
    }
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
