#include "script/effect/server_side.hpp"

#include "script/sql/literal.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace crudctl::script {

namespace {

constexpr int deepest = 5; // of text that is run within text that is run

/// Names that nothing else has: they count wherever they stand, in a string, too.
constexpr std::array<std::string_view, 22> telling_names = {
    "lo_import",
    "lo_export",
    "pg_read_file",
    "pg_read_binary_file",
    "pg_ls_",
    "pg_stat_file",
    "pg_file_",
    "pg_logdir_ls",
    "file_fdw",
    "pg_execute_server_program",
    "pg_read_server_files",
    "pg_write_server_files",
    "_preload_libraries",
    "dynamic_library_path",
    "extension_control_path",
    "jit_provider",
    "archive_command",
    "archive_cleanup_command",
    "restore_command",
    "recovery_end_command",
    "ssl_passphrase_command",
    "u&\"", // a name whose letters are hidden
};

/// Without one of these words a statement need not be looked at any closer.
constexpr std::array<std::string_view, 7> words_of_server_side = {
    "copy", "load", "language", "extension", "system", "tablespace", "execute"};

constexpr std::array<std::string_view, 6> trusted_languages = {"sql",   "plpgsql", "plperl",
                                                               "pltcl", "plv8",    "plpgsql_check"};

constexpr std::array<std::string_view, 7> outside_extensions = {
    "adminpack", "plsh", "plr", "pljava", "multicorn", "plproxy", "pg_background"};

/// They can hide from us what is executed.
constexpr std::array<std::string_view, 12> disguises = {
    "chr",    "decode",  "convert_from",   "reverse", "translate", "overlay",
    "unistr", "replace", "regexp_replace", "substr",  "substring", "set_byte"};

template <std::size_t Count>
bool is_listed(const std::array<std::string_view, Count>& list, std::string_view word)
{
    return std::ranges::find(list, word) != list.end();
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool begins_with(std::string_view text, std::string_view lower_word)
{
    return text.size() >= lower_word.size() &&
           std::equal(lower_word.begin(), lower_word.end(), text.begin(),
                      [](char a, char b) { return a == lower(b); });
}

template <std::size_t Count>
bool mentions(std::string_view text, const std::array<std::string_view, Count>& list)
{
    std::array<bool, 256> is_first{};
    for (const std::string_view word : list) {
        is_first[static_cast<unsigned char>(word.front())] = true;
    }
    for (; !text.empty(); text.remove_prefix(1)) {
        if (is_first[static_cast<unsigned char>(lower(text.front()))] &&
            std::ranges::any_of(list, [&](std::string_view w) { return begins_with(text, w); })) {
            return true;
        }
    }
    return false;
}

struct CodeWord {
    std::string text; // in lower case; of a string what is in it
    bool is_string = false;
    bool is_disguised = false; // a string with escapes for letters
    std::size_t depth = 0;     // of parentheses
};

bool hides_letters(std::string_view token)
{
    const bool has_escapes = token.starts_with('e') || token.starts_with('E');
    const bool is_unicode = token.starts_with("u&") || token.starts_with("U&");
    return is_unicode ||
           (has_escapes && token.find('\\') != std::string_view::npos &&
            token.find_first_of("xuU01234567", token.find('\\') + 1) == token.find('\\') + 1);
}

std::vector<CodeWord> words_of(std::string_view text, Backslashes backslashes)
{
    TokenReader reader(text, backslashes);
    std::vector<CodeWord> words;
    std::size_t depth = 0;
    while (const Token* token = reader.next()) {
        const std::string_view shown = reader.text_of(*token);
        depth -= shown == ")" && depth > 0 ? 1 : 0;
        if (token->kind == TokenKind::string) {
            words.push_back({literal_content(shown), true, hides_letters(shown), depth});
        } else if (token->kind == TokenKind::quoted_name) {
            words.push_back({lower_ascii(shown.substr(1, shown.size() - 2)), false, false, depth});
        } else {
            words.push_back({lower_ascii(shown), false, false, depth});
        }
        depth += shown == "(" ? 1 : 0;
    }
    return words;
}

bool is_outside_language(const std::string& name)
{
    return !is_listed(trusted_languages, lower_ascii(name));
}

/// By the name: plpython3u, plperlu, hstore_plpython3u.
bool is_outside_extension(const std::string& name)
{
    return is_listed(outside_extensions, name) || name.find("plpython") != std::string::npos ||
           (name.find("pl") != std::string::npos && name.ends_with('u'));
}

class Judge {
public:
    Judge(std::string_view text, Backslashes backslashes, int depth)
        : m_words(words_of(text, backslashes)), m_depth(depth)
    {}

    /// One statement as it is sent.
    bool of_statement() const
    {
        const std::string& verb = word(0);
        if (verb == "copy") {
            return copies_outside(0);
        }
        if (verb == "load" || (verb == "alter" && word(1) == "system")) {
            return true;
        }
        if (verb == "create" && word(1) == "tablespace") {
            return true;
        }
        if (verb == "create" && has_outside_extension(0)) {
            return true;
        }
        const bool has_body = verb == "do" || (verb == "create" && makes_code());
        return (has_body && (has_outside_language() || runs_outside())) ||
               (has("execute") && runs_outside()) || hands_over_copy();
    }

    /// Text that is run: some statements, or a part of one.
    bool of_body() const
    {
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            if (m_words[i].is_string) {
                continue;
            }
            if ((word(i) == "copy" && copies_outside(i)) ||
                (word(i) == "load" && i + 1 < m_words.size() && m_words[i + 1].is_string) ||
                (word(i) == "alter" && word(i + 1) == "system") ||
                (word(i) == "create" &&
                 (word(i + 1) == "tablespace" || has_outside_extension(i)))) {
                return true;
            }
        }
        return makes_outside_language() || runs_outside();
    }

private:
    const std::string& word(std::size_t at) const
    {
        static const std::string none;
        return at < m_words.size() && !m_words[at].is_string ? m_words[at].text : none;
    }

    bool has(std::string_view wanted) const
    {
        return std::ranges::any_of(
            m_words, [&](const CodeWord& w) { return !w.is_string && w.text == wanted; });
    }

    /// COPY … FROM or TO something else than the client: a file, a program, or what is put in
    /// later.
    bool copies_outside(std::size_t copy) const
    {
        const std::size_t depth = m_words[copy].depth;
        for (std::size_t i = copy + 1; i < m_words.size() && word(i) != ";"; ++i) {
            if (m_words[i].depth == depth && (word(i) == "from" || word(i) == "to")) {
                const std::string& target = word(i + 1);
                return target != "stdin" && target != "stdout";
            }
        }
        return false;
    }

    bool copies_by_program() const
    {
        for (std::size_t i = 1; i + 1 < m_words.size(); ++i) {
            if ((word(i) == "from" || word(i) == "to") && word(i + 1) == "program") {
                return true;
            }
        }
        return false;
    }

    bool makes_code() const
    {
        for (std::size_t i = 1; i < std::min<std::size_t>(m_words.size(), 6); ++i) {
            for (const char* kind : {"function", "procedure", "language", "transform"}) {
                if (word(i) == kind) {
                    return true;
                }
            }
        }
        return false;
    }

    /// LANGUAGE, outside of a list of parameters or columns.
    bool has_outside_language() const
    {
        for (std::size_t i = 0; i + 1 < m_words.size(); ++i) {
            if (m_words[i].depth == 0 && word(i) == "language" &&
                is_outside_language(m_words[i + 1].text)) {
                return true;
            }
        }
        return false;
    }

    bool makes_outside_language() const
    {
        return has("create") && makes_code_somewhere() && has_outside_language();
    }

    bool makes_code_somewhere() const
    {
        return has("function") || has("procedure") || has("language");
    }

    bool has_outside_extension(std::size_t create) const
    {
        if (word(create + 1) != "extension") {
            return false;
        }
        const std::size_t name = create + (word(create + 2) == "if" ? 5 : 2);
        return name < m_words.size() && is_outside_extension(m_words[name].text);
    }

    /// A string that is such a COPY: a function may run it.
    bool hands_over_copy() const
    {
        return std::ranges::any_of(m_words, [&](const CodeWord& w) {
            if (!w.is_string) {
                return false;
            }
            const Judge inner(w.text, Backslashes::literal, m_depth + 1);
            return inner.word(0) == "copy" && inner.copies_by_program();
        });
    }

    /// Strings that may be run: each for itself, and what they are together.
    bool runs_outside() const
    {
        if (m_depth >= deepest) {
            return true; // no honest file goes this deep
        }
        std::string joined;
        bool is_disguised = false;
        for (const CodeWord& w : m_words) {
            if (!w.is_string) {
                is_disguised = is_disguised || is_listed(disguises, w.text);
                continue;
            }
            if (Judge(w.text, Backslashes::literal, m_depth + 1).of_body()) {
                return true;
            }
            is_disguised = is_disguised || w.is_disguised;
            joined += w.text;
        }
        return has("execute") && (is_disguised || is_put_together(joined));
    }

    /// 'co' || 'py t to pro' || 'gram …', in any order.
    static bool is_put_together(std::string text)
    {
        std::erase_if(text, [](unsigned char c) { return c <= ' '; });
        text = lower_ascii(text);
        return mentions(text, telling_names) || text.find("toprogram") != std::string::npos ||
               text.find("fromprogram") != std::string::npos;
    }

    std::vector<CodeWord> m_words;
    int m_depth;
};

} // namespace

bool is_server_side(std::string_view statement, Backslashes backslashes)
{
    return mentions(statement, telling_names) || (mentions(statement, words_of_server_side) &&
                                                  Judge(statement, backslashes, 0).of_statement());
}

} // namespace crudctl::script
