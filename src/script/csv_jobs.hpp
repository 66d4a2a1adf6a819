#pragma once

#include "pg/connection.hpp"
#include "script/script_file.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace crudctl::script {

/// CSV files that have to be loaded one behind the other, in this order: by their tables.
using CsvJob = std::vector<const FileOutline*>;

/// Neighbouring CSV files, as jobs that have nothing to do with each other.
using CsvGroup = std::vector<CsvJob>;

/// Cuts neighbouring CSV files into groups, to be loaded one behind the other. Two tables have to
/// do with each other where foreign keys, inheritance or a sequence lead from one to the other, in
/// any direction and over any number of tables. A file is a group by itself where its table, or one
/// that it has to do with, has a trigger, a rule, a default or a check that may look elsewhere; and
/// where there is no such table. One round trip.
std::vector<CsvGroup> csv_groups(pg::Connection& connection, std::span<const FileOutline> files);

} // namespace crudctl::script
