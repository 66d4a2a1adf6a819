#pragma once

#include "script/csv/seed.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace crudctl::commands {

/// Whether a copy is set aside before files destroy something: automatic is where there is
/// something to lose and it isn't large.
enum class CopyFirst { automatic, yes, no };

/// How files are loaded.
struct ScriptOptions {
    std::vector<std::string> variables; // NAME=VALUE, for psql's :NAME
    bool uses_psql = false;
    bool has_transaction = true;
    bool ignores_unknown_settings = false;
    std::chrono::seconds lock_timeout{10};
    script::CsvMode csv_mode = script::CsvMode::insert;
    std::string csv_constraint;
    std::size_t jobs = 1; // connections for CSV files
    CopyFirst copy_first = CopyFirst::automatic;
    bool takes_snapshot = false; // of the RDS instance, first
};

} // namespace crudctl::commands
