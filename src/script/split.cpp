#include "script/split.hpp"

namespace crudctl::script {

std::vector<Statement> split(std::string_view text, const ScannerOptions& options)
{
    Scanner scanner(options);
    scanner.feed(text);
    scanner.finish();
    std::vector<Statement> statements;
    while (const auto item = scanner.next()) {
        if (item->kind == Item::Kind::meta_command) {
            throw ScanError(item->place, "a psql command");
        }
        if (item->kind == Item::Kind::statement) {
            statements.push_back({std::string(item->text), item->place});
        }
    }
    return statements;
}

} // namespace crudctl::script
