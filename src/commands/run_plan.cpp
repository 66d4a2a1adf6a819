#include "commands/run_plan.hpp"

#include "support/text.hpp"

#include <chrono>
#include <exception>
#include <string_view>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr std::size_t longest_message = 300; // columns

/// The console knows the secrets; names are no free text, and must stay what they are.
std::string kept(const Context& context, std::string_view text)
{
    const std::string masked = context.console.masked(text);
    return shortened(printable(masked.substr(0, masked.find('\n'))), longest_message);
}

void write_down(Context& context, plan::JournalEntry entry, ExitCode code, std::string_view message)
{
    entry.result = plan::result_name(code);
    entry.exit_code = to_int(code);
    entry.target = kept(context, entry.target);
    entry.message = kept(context, message);
    try {
        plan::Journal::of_user(context.settings.environment()).append(entry);
    } catch (const Error& error) {
        context.console.warning(fmt::format("this is not in the journal: {}", error.what()));
    }
}

} // namespace

database::Permit permit_for(Context& context, const plan::Plan& plan,
                            const plan::Circumstances& circumstances)
{
    try {
        return plan::Guard(context.console).judge(plan, circumstances);
    } catch (const Error& error) {
        if (error.code() == ExitCode::refused && plan.effect >= plan::Effect::destroys) {
            write_down(context, entry_for(plan, context.settings.root()), error.code(),
                       error.what());
        }
        throw;
    }
}

plan::Outcome run_plan(Context& context, const plan::Plan& plan, const database::Permit& permit,
                       const plan::Runtime& runtime)
{
    plan::Outcome outcome;
    run_journaled(context, plan, [&](plan::JournalEntry& entry) {
        outcome = plan::execute(plan, permit, runtime);
        entry.undo = outcome.set_aside;
    });
    return outcome;
}

void run_journaled(Context& context, const plan::Plan& plan,
                   const std::function<void(plan::JournalEntry& entry)>& act)
{
    run_journaled(context, entry_for(plan, context.settings.root()), act);
}

void run_journaled(Context& context, plan::JournalEntry entry,
                   const std::function<void(plan::JournalEntry& entry)>& act)
{
    const auto started = std::chrono::steady_clock::now();
    const auto end = [&](ExitCode code, std::string_view message) {
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
        entry.seconds = took.count();
        write_down(context, entry, code, message);
    };
    try {
        act(entry);
    } catch (const Error& error) {
        end(error.code(), error.what());
        throw;
    } catch (const std::exception& error) {
        end(ExitCode::failed, error.what());
        throw;
    }
    end(ExitCode::done, {});
}

} // namespace crudctl::commands
