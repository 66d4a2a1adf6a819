#pragma once

#include "commands/doctor/diagnosis.hpp"
#include "operation/target.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace crudctl::commands {

/// The rest of the way, once TLS is settled: log-in, database, and what the session is good for.
class SessionCheck {
public:
    SessionCheck(Context& context, const Target& target, Diagnosis& diagnosis,
                 std::function<void()> on_wait);

    void run();

private:
    std::unique_ptr<pg::Connection> open(const std::string& database);
    void judge_log_in(const pg::ConnectError& error);
    std::optional<database::Survey> survey_from_aside();
    std::string database_fix(const pg::ConnectError& error);
    void look_inside(pg::Connection& connection);
    bool ask_first_question(pg::Connection& connection);
    void print_rights(const database::Survey& survey, bool signals);
    void add(DoctorStep step, Verdict verdict, const std::string& text,
             const std::string& fix = {});

    Context& m_context;
    const Target& m_target;
    Diagnosis& m_diagnosis;
    std::function<void()> m_on_wait;
};

} // namespace crudctl::commands
