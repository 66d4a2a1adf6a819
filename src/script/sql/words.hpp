#pragma once

#include "script/sql/lexer.hpp"
#include "script/sql/statement.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crudctl::script {

/// A token of a statement with its text.
struct Word {
    TokenKind kind = TokenKind::string;
    std::string_view text; // empty: there is none

    /// The keyword, in any case; a quoted name is none.
    bool is(std::string_view keyword) const
    {
        return kind == TokenKind::word && equal_ignoring_case(text, keyword);
    }
    bool is_symbol(char c) const { return kind == TokenKind::symbol && text[0] == c; }
    bool is_name() const { return kind == TokenKind::word || kind == TokenKind::quoted_name; }
    bool is_one_of(const auto& keywords) const
    {
        return std::ranges::any_of(keywords,
                                   [this](std::string_view keyword) { return is(keyword); });
    }
};

/// A name as it is written in a statement: `"S".t` is {"S", "t"}.
struct WrittenName {
    std::vector<std::string> parts; // as the server folds them
    std::size_t end = 0;            // behind its last word

    bool is_qualified() const { return parts.size() > 1; }
};

/// The words of a whole statement.
class Words {
public:
    explicit Words(std::string_view statement, Backslashes backslashes = Backslashes::literal)
    {
        TokenReader reader(statement, backslashes);
        while (const Token* token = reader.next()) {
            m_words.push_back({token->kind, reader.text_of(*token)});
        }
    }

    explicit Words(std::vector<Word> words) : m_words(std::move(words)) {}

    /// Without what stands in parentheses and brackets.
    Words outside() const
    {
        std::vector<Word> words;
        std::size_t depth = 0;
        for (const Word& word : m_words) {
            depth -= depth > 0 && (word.is_symbol(')') || word.is_symbol(']')) ? 1 : 0;
            if (depth == 0) {
                words.push_back(word);
            }
            depth += word.is_symbol('(') || word.is_symbol('[') ? 1 : 0;
        }
        return Words(std::move(words));
    }

    std::size_t size() const noexcept { return m_words.size(); }
    /// A word without text beyond the end.
    const Word& operator[](std::size_t at) const { return at < size() ? m_words[at] : m_none; }
    auto begin() const { return m_words.begin(); }
    auto end() const { return m_words.end(); }

    /// Whether the keyword stands anywhere.
    bool has(std::string_view keyword) const
    {
        return std::ranges::any_of(m_words, [&](const Word& word) { return word.is(keyword); });
    }

    /// Where the keyword stands first from `from` on, or one of them; size() where none does.
    std::size_t find(std::string_view keyword, std::size_t from = 0) const
    {
        while (from < size() && !m_words[from].is(keyword)) {
            ++from;
        }
        return from;
    }
    std::size_t find_any(const auto& keywords, std::size_t from = 0) const
    {
        while (from < size() && !m_words[from].is_one_of(keywords)) {
            ++from;
        }
        return from;
    }

    /// Behind the parenthesis at `at` and all that is in it.
    std::size_t end_of_parenthesis(std::size_t at) const
    {
        std::size_t depth = 0;
        for (; at < size(); ++at) {
            depth += m_words[at].is_symbol('(') ? 1 : 0;
            depth -= depth > 0 && m_words[at].is_symbol(')') ? 1 : 0;
            if (depth == 0) {
                return at + 1;
            }
        }
        return at;
    }
    /// The end of what begins at `at`: the next comma at its depth, or the parenthesis around it.
    std::size_t end_of_item(std::size_t at) const
    {
        while (at < size() && !m_words[at].is_symbol(',') && !m_words[at].is_symbol(')')) {
            at = m_words[at].is_symbol('(') ? end_of_parenthesis(at) : at + 1;
        }
        return at;
    }

    /// Nothing where no name stands there, or one with escapes (U&"…").
    std::optional<WrittenName> name_at(std::size_t at) const
    {
        WrittenName name;
        for (;; ++at) {
            const Word& word = (*this)[at];
            const bool has_escapes = word.kind == TokenKind::quoted_name && word.text[0] != '"';
            if (!word.is_name() || has_escapes) {
                return std::nullopt;
            }
            name.parts.push_back(folded_name(word.text));
            if (!(*this)[++at].is_symbol('.')) {
                name.end = at;
                return name;
            }
        }
    }

private:
    std::vector<Word> m_words;
    Word m_none;
};

/// Whether the statement begins with one of these keywords.
bool begins_with(std::string_view statement, const auto& verbs)
{
    TokenReader reader(statement);
    const Token* first = reader.next();
    return first != nullptr && Word{first->kind, reader.text_of(*first)}.is_one_of(verbs);
}

} // namespace crudctl::script
