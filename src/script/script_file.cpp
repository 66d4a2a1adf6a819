#include "script/script_file.hpp"

#include "script/csv_name.hpp"
#include "script/effect.hpp"
#include "script/file_digest.hpp"
#include "script/script_reader.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <utility>

namespace crudctl::script {

namespace {

constexpr std::size_t shown_columns = 60;

void note_effect(FilesEffect& effect, const Piece& piece)
{
    if (effect.destroys || effect_of(piece.text, piece.backslashes) == Effect::adds) {
        return;
    }
    const std::string_view line = piece.text.substr(0, piece.text.find('\n'));
    effect = {true, piece.source->shown(), piece.place,
              shortened(printable(trimmed(line.substr(0, 4 * shown_columns))), shown_columns)};
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
Variables read_through(Script& script, SharedSource source, Variables variables)
{
    if (has_csv_name(source->path())) {
        add_csv(script, std::move(source));
        return variables;
    }
    DigestParts digest;
    ScriptReader reader(source, script.settings, std::move(variables), &digest);
    bool names_database = false;
    while (const auto piece = reader.next()) {
        if (piece->kind == Piece::Kind::message) {
            continue;
        }
        note_effect(script.effect, *piece);
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

Script read_script(const std::vector<ScriptFile>& files, const ScriptSettings& settings)
{
    Script script;
    script.settings = settings;
    Variables variables = settings.variables;
    for (const ScriptFile& file : files) {
        variables =
            read_through(script, std::make_shared<const SourceFile>(file), std::move(variables));
    }
    return script;
}

Script read_again(const Script& script, Backslashes backslashes)
{
    Script again;
    again.settings = script.settings;
    again.settings.backslashes = backslashes;
    Variables variables = again.settings.variables;
    for (const FileOutline& file : script.files) {
        variables = read_through(again, file.source, std::move(variables));
    }
    return again;
}

} // namespace crudctl::script
