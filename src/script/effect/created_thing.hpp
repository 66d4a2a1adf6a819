#pragma once

#include "script/effect/run_memory.hpp"
#include "script/sql/words.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace crudctl::script {

/// What the head of a CREATE says.
struct CreatedThing {
    std::string kind;      // "table", "materialized view", "event trigger", …; empty: not known
    bool replaces = false; // OR REPLACE
    bool if_not_exists = false;
    bool is_temporary = false;
    std::size_t name_at = 0; // where its name would stand
    std::optional<WrittenName> name;
};

/// Kinds that share their names: "relation" for a table, a view and a sequence, "routine", "type";
/// any other kind itself.
std::string kind_group(const std::string& kind);

CreatedThing created_thing(const Words& statement);

/// The arguments of a routine as they are written, between its parentheses.
std::string signature_of(const Words& statement, const WrittenName& name);

/// The table of a CREATE TRIGGER.
std::optional<WrittenName> table_of_trigger(const Words& statement, std::size_t name_at);

/// Whether an ALTER by its own words only adds to what is there or loosens it, each of its actions:
/// ADD COLUMN, ADD CONSTRAINT, ADD GENERATED, ADD VALUE, VALIDATE, ATTACH PARTITION, SET and DROP
/// DEFAULT, DROP NOT NULL; DEFAULT PRIVILEGES … GRANT; and OWNER TO, OWNED BY, ENABLE, FORCE,
/// REPLICA IDENTITY and CLUSTER ON of what the run has made itself.
bool alter_only_adds(const Words& statement, const RunMemory& memory);

} // namespace crudctl::script
