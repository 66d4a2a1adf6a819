#include "commands/doctor/diagnosis.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t label_width = 8;
constexpr std::size_t indent = label_width + 4; // the sign before, two blanks behind
constexpr const char* not_asked = "not asked";

struct StepEntry {
    DoctorStep step;
    std::string_view name;
    bool is_on_the_way; // to a session; the others explain it
};

constexpr std::array steps = {
    StepEntry{DoctorStep::setting, "setting", true},
    StepEntry{DoctorStep::dns, "DNS", true},
    StepEntry{DoctorStep::instance, "instance", false},
    StepEntry{DoctorStep::is_public, "public", false},
    StepEntry{DoctorStep::rule, "rule", false},
    StepEntry{DoctorStep::tcp, "TCP", true},
    StepEntry{DoctorStep::tls, "TLS", true},
    StepEntry{DoctorStep::log_in, "log-in", true},
    StepEntry{DoctorStep::database, "database", true},
    StepEntry{DoctorStep::rights, "rights", true},
    StepEntry{DoctorStep::pooler, "pooler", true},
};

std::string_view sign_of(Verdict verdict)
{
    switch (verdict) {
    case Verdict::passes:
        return "✓";
    case Verdict::fails:
        return "✗";
    case Verdict::told:
        return "!";
    case Verdict::unknown:
        break;
    }
    return "–";
}

std::string_view name_of(Verdict verdict)
{
    switch (verdict) {
    case Verdict::passes:
        return "passes";
    case Verdict::fails:
        return "fails";
    case Verdict::told:
        return "told";
    case Verdict::unknown:
        break;
    }
    return "unknown";
}

std::string line_of(std::string_view sign, std::string_view name, const std::string& text)
{
    const std::string continuation(indent, ' ');
    std::string shown = fmt::format("{} {:<{}}  ", sign, name, label_width);
    std::string separator;
    for (const std::string& line : wrapped(printable(text), page_width - indent)) {
        shown += fmt::format("{}{}\n", separator, line);
        separator = continuation;
    }
    return shown;
}

} // namespace

std::string_view step_name(DoctorStep step)
{
    return std::find_if(steps.begin(), steps.end(),
                        [step](const StepEntry& entry) { return entry.step == step; })
        ->name;
}

const Finding* Diagnosis::find(DoctorStep step) const
{
    const auto found = m_findings.find(step);
    return found == m_findings.end() ? nullptr : &found->second;
}

bool Diagnosis::passes(DoctorStep step) const
{
    const Finding* finding = find(step);
    return finding != nullptr && finding->verdict == Verdict::passes;
}

std::optional<Diagnosis::Failure> Diagnosis::failure() const
{
    for (const auto& [step, finding] : m_findings) {
        if (finding.verdict == Verdict::fails) {
            return Failure{step, finding};
        }
    }
    return std::nullopt;
}

std::string Diagnosis::text() const
{
    std::string text;
    for (const std::string& line : m_fence) {
        text += line_of(sign_of(Verdict::told), "Fence", line);
    }
    for (const StepEntry& entry : steps) {
        if (const Finding* finding = find(entry.step)) {
            text += line_of(sign_of(finding->verdict), entry.name, finding->text);
        } else if (entry.is_on_the_way) {
            text += line_of(sign_of(Verdict::unknown), entry.name, not_asked);
        }
    }
    if (const auto failed = failure()) {
        text += fmt::format("fix: {}\n", printable(failed->finding.fix, KeepLines::yes));
    }
    return text;
}

std::string Diagnosis::json(const std::string& profile, const std::string& target) const
{
    const auto failed = failure();
    nlohmann::ordered_json document = {
        {"profile", profile},
        {"target", target},
        {"result", name_of(failed ? Verdict::fails : Verdict::passes)},
        {"failed", failed ? lower_ascii(step_name(failed->step)) : std::string()},
        {"fix", failed ? failed->finding.fix : std::string()},
        {"steps", nlohmann::ordered_json::array()}};
    if (!m_fence.empty()) {
        document["fence"] = m_fence;
    }
    for (const StepEntry& entry : steps) {
        const Finding* finding = find(entry.step);
        if (finding != nullptr || entry.is_on_the_way) {
            document["steps"].push_back(
                {{"step", lower_ascii(entry.name)},
                 {"result", finding == nullptr ? "not asked" : name_of(finding->verdict)},
                 {"text", finding == nullptr ? std::string() : finding->text}});
        }
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace crudctl::commands
