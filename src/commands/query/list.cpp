#include "commands/query/query.hpp"

#include "operation/named_queries.hpp"
#include "support/text/text_table.hpp"

#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

struct Listed {
    std::string name;
    std::optional<script::NamedQuery> query;
    std::string objection; // where it is none
};

std::vector<Listed> listed_queries(const Context& context)
{
    const config::Project& project = context.settings.project();
    std::vector<Listed> listed;
    for (const std::string& name : query_names(project)) {
        Listed entry{name, std::nullopt, {}};
        try {
            entry.query = read_query(project, name, context.console.terminal().columns).query;
        } catch (const Error& error) {
            entry.objection = error.what();
        }
        listed.push_back(std::move(entry));
    }
    return listed;
}

const char* effect_name(script::QueryEffect effect)
{
    switch (effect) {
    case script::QueryEffect::reads:
        return "reads";
    case script::QueryEffect::disrupts:
        return "disrupts";
    case script::QueryEffect::adds:
        return "adds";
    case script::QueryEffect::destroys:
        break;
    }
    return "destroys";
}

std::string json_of(const std::vector<Listed>& listed)
{
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const Listed& entry : listed) {
        nlohmann::ordered_json item = {{"name", entry.name}};
        if (entry.query) {
            item["parameters"] = entry.query->parameters;
            item["effect"] = effect_name(entry.query->effect);
            item["description"] = entry.query->description;
        } else {
            item["error"] = entry.objection;
        }
        document.push_back(std::move(item));
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string table_of(const std::vector<Listed>& listed, std::size_t columns)
{
    using Align = TextTable::Align;
    TextTable table({{"NAME"},
                     {"PARAMETERS", Align::left, true},
                     {"CLASS"},
                     {"WHAT IT IS FOR", Align::left, true}});
    for (const Listed& entry : listed) {
        table.add({entry.name,
                   entry.query ? fmt::format("{}", fmt::join(entry.query->parameters, ", ")) : "",
                   entry.query ? effect_name(entry.query->effect) : "–",
                   entry.query ? entry.query->description : entry.objection});
    }
    return table.to_text(columns);
}

} // namespace

void list_queries(const Context& context)
{
    const std::vector<Listed> listed = listed_queries(context);
    const Terminal& terminal = context.console.terminal();
    context.console.result(context.options.json
                               ? json_of(listed)
                               : table_of(listed, terminal.output ? terminal.columns : 0));
}

} // namespace crudctl::commands
