#include "commands/lambda/trigger.hpp"

#include "operation/named_queries.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::commands {

namespace {

[[noreturn]] void refuse(const config::LambdaTrigger& trigger, const std::string& reason,
                         const std::string& hint)
{
    throw Error(ExitCode::configuration,
                fmt::format("{}: {} cannot be done by query \"{}\": {}", trigger.query.place,
                            trigger.source, trigger.query.text, reason),
                hint);
}

std::vector<std::string> fields_for(const config::LambdaTrigger& trigger,
                                    const std::string& parameter)
{
    const auto named = trigger.fields.find(parameter);
    std::vector<std::string> fields =
        named != trigger.fields.end() ? named->second : config::usual_fields(parameter);
    if (fields.empty()) {
        refuse(trigger, fmt::format("it takes \"{}\", and no field is named for it", parameter),
               fmt::format("[lambda.{}.parameters] {} = \"request.userAttributes.…\"",
                           trigger.source, parameter));
    }
    return fields;
}

/// A slip in a parameter's name must not leave another one empty.
void require_parameters(const config::LambdaTrigger& trigger, const LambdaQuery& query)
{
    for (const auto& [parameter, fields] : trigger.fields) {
        if (std::find(query.parameters.begin(), query.parameters.end(), parameter) ==
            query.parameters.end()) {
            refuse(trigger, fmt::format("it has no parameter \"{}\"", parameter),
                   fmt::format("it takes {}", fmt::join(query.parameters, ", ")));
        }
    }
}

LambdaQuery query_for(const Context& context, const config::LambdaTrigger& trigger)
{
    const script::NamedQuery named = read_query(context.settings.project(), trigger.query.text,
                                                context.console.terminal().columns)
                                         .query;
    if (named.effect == script::QueryEffect::destroys) {
        refuse(trigger, "it may destroy what is there, and nobody could be asked",
               "INSERT without ON CONFLICT DO UPDATE adds, and so does SELECT");
    }
    if (named.effect == script::QueryEffect::disrupts) {
        refuse(trigger, "it acts outside its transaction, and nobody could be asked",
               "leave out the function that ends sessions, reads the server's files or the like");
    }
    LambdaQuery query;
    query.trigger_source = trigger.source;
    query.name = trigger.query.text;
    query.sql = named.sql;
    query.parameters = named.parameters;
    for (const std::string& parameter : named.parameters) {
        query.fields.push_back(fields_for(trigger, parameter));
    }
    require_parameters(trigger, query);
    return query;
}

} // namespace

std::vector<LambdaQuery> lambda_queries(const Context& context)
{
    std::vector<LambdaQuery> queries;
    for (const config::LambdaTrigger& trigger : context.settings.lambda()) {
        queries.push_back(query_for(context, trigger));
    }
    if (queries.empty()) {
        throw Error(ExitCode::configuration, "the configuration names no trigger",
                    "[lambda] PostConfirmation_ConfirmSignUp = \"users/create\"");
    }
    return queries;
}

std::vector<std::optional<std::string>> values_for(const LambdaQuery& query,
                                                   const LambdaEvent& event)
{
    std::vector<std::optional<std::string>> values;
    for (const auto& fields : query.fields) {
        values.push_back(event.first_field(fields));
    }
    return values;
}

} // namespace crudctl::commands
