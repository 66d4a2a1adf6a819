#pragma once

#include "script/scanner.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A statement on its own, for whoever holds the whole text.
struct Statement {
    std::string text;
    Place place;
};

/// The statements of a text that holds nothing else: throws ScanError at a meta-command.
std::vector<Statement> split(std::string_view text, const ScannerOptions& options = {});

} // namespace crudctl::script
