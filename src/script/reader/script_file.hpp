#pragma once

#include "script/csv/seed.hpp"
#include "script/effect/effect.hpp"
#include "script/effect/outside.hpp"
#include "script/effect/server_side.hpp"
#include "script/reader/script_settings.hpp"
#include "script/source/file_digest.hpp"
#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace crudctl::script {

/// What is known of a file before any of it is sent.
struct FileOutline {
    SharedSource source;        // stays open until it is loaded
    std::optional<CsvSeed> csv; // where it is a table's rows instead of SQL
    std::size_t statements = 0;
    std::size_t bytes = 0;          // with those of the files that it includes
    std::vector<std::string> notes; // what is left out, for people
    FileDigest digest; // the same for the same statements, whenever and wherever it is read
    DatabaseChanges of_database;
};

/// What the files do to what is in the database already.
struct FilesEffect {
    struct Statement {
        std::string file; // as shown
        Place place;
        std::string text; // its beginning, on one line and printable
    };
    std::optional<Statement> destroying; // the first one that destroys
    std::optional<Statement> calling;    // before it, the first one that is Effect::calls
    bool has_attributes = false;         // what may be a column, or `row.function`

    Effect worst() const
    {
        return destroying ? Effect::destroys : calling ? Effect::calls : Effect::adds;
    }
    /// The first statement that destroys in a database that is protected or not; null: none does.
    const Statement* first_destroying(bool is_protected) const
    {
        return is_protected && calling ? &*calling : destroying ? &*destroying : nullptr;
    }
};

/// The files of a command, in their order, read once and found fit to be sent.
struct Script {
    ScriptSettings settings;
    std::vector<FileOutline> files;
    FilesEffect effect;
    std::vector<OutsideStatement> outside; // what reaches beyond the database
    std::vector<ServerSide> server_side;   // where the settings ask for it
    /// Why the same files would make another database at another time, "sql/schema.sql:3 evaluates
    /// now()". Empty: they would not, or the settings don't ask for it.
    std::string load_time;
    bool moves_sequences = false;                 // it may, which no rollback takes back
    std::shared_ptr<const LoadTimeScan> own_name; // for the settings of the files behind them
    std::set<std::string> role_names;             // that the files speak of
    /// What plain CREATEs of theirs make, by kind_group(): "relation schema.name", "extension
    /// name".
    std::set<std::string> created;

    std::size_t bytes() const;
    DatabaseChanges of_database() const;
};

/// Opens them, SQL and CSV. Throws what open_sql() throws.
std::vector<SharedSource> open_files(const std::vector<ScriptFile>& files,
                                     const ScriptSettings& settings = {});

/// Reads all the files through, holding no more of them than a statement; of CSV files
/// the header is checked. Throws Error(configuration) where one can't be read, ScriptError at what
/// can't be cut or must not be sent: COMMIT and ROLLBACK beyond a BEGIN … COMMIT of a file's own,
/// PREPARE TRANSACTION, DISCARD ALL, another database, and what only psql can do.
Script read_script(const std::vector<SharedSource>& files, const ScriptSettings& settings = {});
/// The same, and opens them.
Script read_script(const std::vector<ScriptFile>& files, const ScriptSettings& settings = {});

/// The same files read again as the server turns out to be: with another
/// standard_conforming_strings, or with extensions.
Script read_again(const Script& script, const ScriptSettings& settings);

} // namespace crudctl::script
