#include "script/reader/script_file.hpp"

#include "script/csv/file.hpp"
#include "script/effect/effect_judge.hpp"
#include "script/reader/script_reader.hpp"
#include "script/source/file_digest.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

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

void add_csv(Script& script, SharedSource source)
{
    FileOutline outline;
    outline.csv = read_csv_seed(source);
    outline.bytes = source->size();
    outline.digest = digest_of(source);
    outline.source = std::move(source);
    script.files.push_back(std::move(outline));
}

/// Reads a file through; gives the variables that it left.
Variables read_through(Script& script, EffectJudge& judge, SharedSource source, Variables variables)
{
    if (has_csv_name(source->path())) {
        add_csv(script, std::move(source));
        return variables;
    }
    judge.begin_file();
    DigestParts digest;
    ScriptReader reader(source, script.settings, std::move(variables), &digest);
    bool names_database = false;
    while (const auto piece = reader.next()) {
        if (piece->kind != Piece::Kind::statement) {
            continue;
        }
        note_effect(script.effect, judge, *piece);
        note_outside(script, *piece);
        note_server_side(script, *piece);
        names_database = names_database || !piece->facts.database.empty();
        if (piece->has_copy_data) {
            reader.skip_copy_data();
        }
    }
    script.files.push_back({std::move(source), std::nullopt, reader.statements(),
                            reader.known_bytes(), reader.notes(), std::move(digest).digest(),
                            names_database});
    return reader.variables();
}

} // namespace

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
    EffectJudge judge(settings.known);
    for (const SharedSource& file : files) {
        variables = read_through(script, judge, file, std::move(variables));
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
