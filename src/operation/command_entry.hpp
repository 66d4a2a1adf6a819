#pragma once

#include "plan/plan.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace crudctl::commands {

struct Context;
struct Invocation;

/// What a command may do at worst; the guard, help and the tests read it here and nowhere else.
enum class CommandClass {
    reads,
    adds,
    disrupts,
    destroys,
    by_file, // adds or destroys, as the statements of its files do
    none,    // has nothing to do with a database
};
std::string_view class_name(CommandClass command_class);

/// The worst that a plan of a command of this class may do: a command that plans more is our own
/// mistake.
plan::Effect worst_effect(CommandClass command_class);

enum class TakesProfile { no, positional };

/// One command: everything that help, completion, the guard and the tests need to know of it. It
/// stands at the end of the file that does the command's work.
struct CommandEntry {
    std::string name;
    std::vector<std::string> aliases; // the scripts' names, and words that people try
    std::string group;                // heading in the help
    CommandClass command_class;
    TakesProfile takes_profile;
    std::string summary; // one line, no full stop
    std::string example;
    void (*add)(CLI::App& command, Invocation& chosen); // declares its options
};

/// For a CommandEntry's `add`: once the command line is parsed, `run` is what the command does.
void runs(CLI::App& command, Invocation& chosen, std::function<void(Context&)> run);

} // namespace crudctl::commands
