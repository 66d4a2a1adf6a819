#pragma once

#include "aws/rds/rds.hpp"
#include "operation/aws_access.hpp"
#include "operation/context.hpp"
#include "plan/guard.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::commands {

enum class FinalSnapshot { taken, none };

/// Throws Error(busy): another state has to come first.
[[noreturn]] void refuse_now(const aws::RdsInstance& found, const std::string& why);

/// The profile's RDS instance, as one command deals with it. What it says of its state is told on
/// stderr.
class InstanceCommand {
public:
    /// Says the target line. Throws Error(configuration) where the profile names no instance.
    explicit InstanceCommand(Context& context);

    void status();
    /// Does nothing where it runs or is on its way to. Throws Error(busy) where it has to be waited
    /// for, Error(external) where it failed or isn't there.
    void start();
    /// The same for stopping, which the guard lets through. Throws Error(refused), too.
    void stop();
    /// Makes one by the profile's settings, and says what it will be like; nothing where there is
    /// one. Throws Error(configuration), too.
    void create();
    /// Deletes it for good once the guard lets that through; nothing where there is none. Throws
    /// Error(refused), too, and so where it is protected against deletion.
    void remove(FinalSnapshot final_snapshot);

private:
    aws::QueryApi announced_service();
    aws::RdsInstance instance();
    void already(const aws::RdsInstance& found, const std::string& wanted);
    /// The end of what should lead to this state.
    void conclude(const char* action, const std::string& wanted);
    /// RDS said that its state doesn't allow it: fine where the answer to a first try was lost.
    void require_change(const std::string& wanted);
    plan::Plan plan_of(const char* action, plan::Effect effect) const;
    plan::Circumstances circumstances(std::vector<plan::Fact> facts) const;
    /// Through whatever states; --wait says how long.
    aws::RdsInstance wait_until(const std::string& wanted);
    void warn_of_restart(const aws::RdsInstance& found);
    void print_json();

    aws::NewInstance new_instance() const;
    Secret master_password(const config::InstanceSettings& settings);
    Secret asked_password();
    void print_way_in(const aws::NewInstance& made);

    plan::Plan removal_plan(const aws::RdsInstance& found, const std::string& snapshot) const;
    plan::Circumstances removal_circumstances(const aws::RdsInstance& found,
                                              const std::string& snapshot);
    /// A database on it may be locked, or marked; where nobody can look, it says so.
    void look_into(const aws::RdsInstance& found, plan::Circumstances& result);
    void print_removed(const std::string& snapshot);
    void wait_until_gone();

    Context& m_context;
    config::AwsSettings m_settings;
    std::string m_id;
    AwsAccess m_access;
    std::string m_target;
    aws::QueryApi m_api;
    aws::RdsInstances m_instances;
};

/// An instance for people, a line for each of its sides, and for programs.
std::string rds_text(const aws::RdsInstance& found);
std::string rds_json(const aws::RdsInstance& found);

} // namespace crudctl::commands
