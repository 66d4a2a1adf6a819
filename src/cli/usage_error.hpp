#pragma once

namespace CLI {
class App;
class ParseError;
} // namespace CLI

namespace crudctl::cli {

/// Says in our words what the parser objected to, with the word that may have been meant: throws
/// Error(usage).
[[noreturn]] void throw_usage(const CLI::App& app, const CLI::ParseError& error);

} // namespace crudctl::cli
