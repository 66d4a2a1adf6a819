#pragma once

#include "aws/rds.hpp"
#include "commands/aws_access.hpp"
#include "commands/context.hpp"
#include "plan/guard.hpp"

#include <functional>
#include <string>

namespace crudctl::commands {

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

private:
    aws::QueryApi announced_service();
    aws::RdsInstance instance();
    void already(const aws::RdsInstance& found, const std::string& wanted);
    void change(const char* action, plan::Effect effect, const std::string& wanted,
                const std::function<bool()>& act);
    /// RDS said that its state doesn't allow it: fine where the answer to a first try was lost.
    void require_change(const std::string& wanted);
    plan::Plan plan_of(const char* action, plan::Effect effect) const;
    plan::Circumstances circumstances() const;
    /// Through whatever states; --wait says how long.
    aws::RdsInstance wait_until(const std::string& wanted);
    void tell_restart(const aws::RdsInstance& found);
    void print_json();

    Context& m_context;
    config::AwsSettings m_settings;
    std::string m_id;
    AwsAccess m_access;
    std::string m_target;
    aws::QueryApi m_api;
    aws::RdsInstances m_instances;
};

} // namespace crudctl::commands
