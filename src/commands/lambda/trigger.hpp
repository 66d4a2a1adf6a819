#pragma once

#include "commands/lambda/event.hpp"
#include "operation/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::commands {

/// A named query that an event runs.
struct LambdaQuery {
    std::string trigger_source;
    std::string name;
    std::string sql;                              // with $1…$n
    std::vector<std::string> parameters;          // the name of each
    std::vector<std::vector<std::string>> fields; // of the event, for each: the first that is there
};

/// The queries of [lambda], read and checked; nothing is contacted. Throws Error(configuration)
/// where there is none, one cannot be read or destroys something, or a parameter has no field.
std::vector<LambdaQuery> lambda_queries(const Context& context);

/// The values for its parameters out of an event. Throws as LambdaEvent::field() does.
std::vector<std::optional<std::string>> values_for(const LambdaQuery& query,
                                                   const LambdaEvent& event);

} // namespace crudctl::commands
