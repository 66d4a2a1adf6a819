#include "plan/guard_screen.hpp"

#include "support/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

constexpr std::size_t label_columns = 13;
constexpr std::size_t narrowest_text = 20;
constexpr std::size_t most_lines = 4; // of one fact

class Screen {
public:
    explicit Screen(Console& console)
        : m_console(console),
          m_columns(std::max(console.terminal().columns, label_columns + narrowest_text) -
                    label_columns)
    {}

    void head(const std::string& text)
    {
        for (const std::string& line : lines_of(text, m_columns + label_columns)) {
            m_console.screen({{Style::red, line}});
        }
    }

    void fact(std::string_view label, const std::string& text)
    {
        if (text.empty()) {
            return;
        }
        for (const std::string& line : lines_of(text, m_columns)) {
            m_console.screen({{Style::dim, fmt::format("  {:<10} ", label)}, {Style::plain, line}});
            label = "";
        }
    }

private:
    /// Masked before it is cut: half a secret would be none that anybody knows.
    std::vector<std::string> lines_of(const std::string& text, std::size_t columns) const
    {
        std::vector<std::string> lines = wrapped(printable(m_console.masked(text)), columns);
        if (lines.size() > most_lines) {
            lines.resize(most_lines);
            lines.back() = shortened(lines.back(), columns - 2) + " …";
        }
        return lines;
    }

    Console& m_console;
    std::size_t m_columns;
};

std::string head_of(const Plan& plan)
{
    return fmt::format("{} will {} {}", plan.command,
                       plan.effect >= Effect::destroys ? "destroy what is in" : "change",
                       phrase_of(plan));
}

/// What comes instead of what is there, or into it.
void show_files(Screen& screen, const Plan& plan, const Author& author)
{
    bool has_schema = false;
    bool has_seeds = false;
    for (const Step& step : plan.steps) {
        const std::string files = files_text(step);
        if (files.empty()) {
            continue;
        }
        const auto* load = std::get_if<LoadScripts>(&step);
        const ScriptKind kind = load != nullptr ? load->kind : std::get<RunPsql>(step).kind;
        screen.fact(kind == ScriptKind::schema ? "schema" : "seeds", files);
        has_schema = has_schema || kind == ScriptKind::schema;
        has_seeds = has_seeds || kind == ScriptKind::seeds;
    }
    const bool is_built_anew = std::ranges::any_of(
        plan.steps, [](const Step& step) { return std::holds_alternative<BuildAside>(step); });
    if (has_schema && is_built_anew && !has_seeds) {
        screen.fact("seeds", "not loaded");
    }
    if (has_schema || has_seeds) {
        screen.fact("commit", author.git);
    }
}

} // namespace

void show_guard_screen(Console& console, const Plan& plan, const Circumstances& circumstances)
{
    Screen screen(console);
    screen.head(head_of(plan));
    screen.fact("target", plan.target_text);
    screen.fact("protected", circumstances.protection.value_or(""));
    for (const Fact& fact : circumstances.facts) {
        screen.fact(fact.label, fact.text);
    }
    for (const std::string& loss : plan.losses) {
        screen.fact("lost", loss);
    }
    show_files(screen, plan, circumstances.author);
    if (plan.effect >= Effect::destroys) {
        screen.fact("undo", undo_text(plan));
    }
    if (plan.undo_reaches) {
        screen.fact("", "undo is no backup: it lies on the same server");
    }
}

} // namespace crudctl::plan
