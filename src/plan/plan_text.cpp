#include "plan/plan.hpp"

#include "plan/plan_id.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

// A plan as a whole, for people and for programs.
namespace crudctl::plan {

namespace {

/// It runs files in a database that is in use.
bool loads_in_place(const Plan& plan)
{
    return std::ranges::any_of(plan.steps,
                               [](const Step& step) { return !files_text(step).empty(); }) &&
           std::ranges::none_of(plan.steps, [](const Step& step) {
               return std::holds_alternative<BuildAside>(step);
           });
}

/// Whether anybody would have to confirm it.
bool wants_confirmation(const Plan& plan)
{
    return plan.is_protected || plan.effect == Effect::past_undo;
}

/// Everything that would be done, in order.
std::vector<std::string> all_steps(const Plan& plan)
{
    std::vector<std::string> texts = plan.preparations;
    std::ranges::transform(plan.steps, std::back_inserter(texts), describe);
    return texts;
}

} // namespace

std::string undo_text(const Plan& plan)
{
    if (plan.undo_reaches) {
        return "yes: crudctl undo brings it back";
    }
    return loads_in_place(plan) ? "NO; that of crudctl setup could be undone" : "NO";
}

std::string to_text(const Plan& plan)
{
    std::string text = fmt::format("{} would\n", plan.command);
    const std::vector<std::string> steps = all_steps(plan);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        text += fmt::format("  {}. {}\n", i + 1, steps[i]);
    }
    for (const std::string& loss : plan.losses) {
        text += fmt::format("lost: {}\n", loss);
    }
    if (!plan.losses.empty()) {
        text += fmt::format("undo: {}\n", undo_text(plan));
    }
    for (const std::string& deletion : plan.deletions) {
        text += fmt::format("deleted for good: {}\n", deletion);
    }
    if (const std::string id = id_of(plan); !id.empty() && wants_confirmation(plan)) {
        text += fmt::format("plan id: {0} (for {1} minutes: --confirm {2}#{0})\n", id,
                            id_lifetime.count(), phrase_of(plan));
    }
    return printable(text, KeepLines::yes);
}

std::string to_json(const Plan& plan)
{
    const std::string id = id_of(plan);
    nlohmann::ordered_json document = {
        {"command", plan.command},
        {"target", plan.target_text},
        {"profile", plan.profile},
        {"database", plan.database},
        {"effect", effect_name(plan.effect)},
        {"steps", all_steps(plan)},
        {"destroys", plan.losses},
        {"undo", plan.undo_reaches},
        {"deletes_for_good", plan.deletions},
    };
    if (!id.empty()) {
        document["plan_id"] = id;
        document["confirm"] = fmt::format("{}#{}", phrase_of(plan), id);
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace crudctl::plan
