#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crudctl::commands {

/// The questions of `doctor`, in the order in which a person would ask them.
enum class DoctorStep {
    setting,
    dns,
    instance,
    is_public,
    rule,
    tcp,
    tls,
    log_in,
    database,
    rights,
    pooler,
};

enum class Verdict {
    passes,
    fails,
    told,    // not as usual, and no reason to fail
    unknown, // could not be asked
};

struct Finding {
    Verdict verdict = Verdict::unknown;
    std::string text;
    std::string fix = {}; // of a failure
};

/// What was found so far, in whatever order.
class Diagnosis {
public:
    void add(DoctorStep step, Finding finding) { m_findings[step] = std::move(finding); }
    /// What the environment keeps every command from, a line each; told first.
    void set_fence(std::vector<std::string> lines) { m_fence = std::move(lines); }
    /// Nullptr where that wasn't asked.
    const Finding* find(DoctorStep step) const;
    bool passes(DoctorStep step) const;
    /// Another way out, where more is known by now.
    void set_fix(DoctorStep step, const std::string& fix) { m_findings.at(step).fix = fix; }

    struct Failure {
        DoctorStep step;
        const Finding& finding;
    };
    /// The first in the order of the steps.
    std::optional<Failure> failure() const;

    /// A line for each step, and last what helps with the first failure; steps on the way that were
    /// not come to are named, those about AWS left out.
    std::string text() const;
    /// The same for programs; target fields stand in front.
    std::string json(const std::string& profile, const std::string& target) const;

private:
    std::map<DoctorStep, Finding> m_findings;
    std::vector<std::string> m_fence;
};

/// "log-in"
std::string_view step_name(DoctorStep step);

} // namespace crudctl::commands
