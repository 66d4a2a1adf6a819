#pragma once

#include "script/scanner.hpp"
#include "script/script_file.hpp"
#include "script/statement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What of a file is sent, what is left out, and what is refused before anything is sent: a file
/// must not end the transaction that it is loaded in, nor need psql. Throws ScriptError.
class FileRules {
public:
    explicit FileRules(ScannedFile& file) : m_file(file) {}

    /// False for the file's own BEGIN and COMMIT.
    bool is_to_be_sent(const Item& item, const StatementFacts& facts);
    void take_meta_command(const Item& item);
    /// The file ended.
    void finish();

private:
    enum class Block { none, open, done };

    bool take_begin(const Item& item, const StatementFacts& facts);
    bool take_commit(const Item& item, const StatementFacts& facts);
    void take_restriction(const Item& item, std::string_view name, std::string_view key);
    static bool is_harmless(std::string_view name, std::string_view arguments);
    [[noreturn]] void refuse_ending(const Item& item) const;
    [[noreturn]] void refuse(const Place& place, std::string message, std::string hint) const;

    ScannedFile& m_file;
    Block m_block = Block::none;
    Place m_block_place;
    std::optional<std::string> m_restriction; // the key of \restrict
    std::vector<std::string> m_left_out;
};

} // namespace crudctl::script
