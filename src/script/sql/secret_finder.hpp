#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Finds in a text that has SQL in it what must not be shown: sql_secrets.hpp has the rules.
class SecretFinder {
public:
    /// A part of the text, in bytes.
    struct Range {
        std::size_t begin = 0;
        std::size_t end = 0;
    };

    /// The text has to outlive it.
    explicit SecretFinder(std::string_view text);

    /// From left to right; none overlaps another.
    std::vector<Range> ranges();

private:
    /// What stands between quotes, as far as that can be told from here.
    void find_literals();
    /// The literal whose closing quote that is.
    std::optional<Range> literal_that_ends(std::size_t quote) const;
    /// ('password', 'x'): a key and its value.
    void take_next_of(const Range& key);
    std::size_t word_end(std::size_t at) const;
    std::string word_at(std::size_t at) const;
    void take_word(std::size_t begin, std::size_t end);
    /// INTO table (columns) VALUES (…), …: of each row what goes into a column that is named like a
    /// secret.
    void take_insert(std::size_t at);
    void take_rows(std::size_t at, const std::vector<bool>& secret);
    /// All literals between the parentheses of a call, but for the kind of salt.
    void take_arguments(std::size_t at);
    /// Behind the word PASSWORD.
    void take_value(std::size_t at);
    /// (id, password) = ('1', 'x'), Key (id, password)=(1, x).
    void take_list(std::size_t at);
    /// password text := 'x'
    void take_declared(std::size_t at);
    void take_assigned(std::size_t at, bool may_be_bare);
    /// 'password=' || …, concat('password=', …): the string ends there, and something is added.
    bool is_put_together(std::size_t quote) const;
    /// Up to a blank or a quote; a doubled quote inside is one of the value.
    std::size_t bare_end(std::size_t at) const;
    /// Whether a connection string's other keywords stand before it.
    bool names_connection(std::size_t at) const;
    /// CREATE ROLE, ALTER USER …: any literal there may be meant as its password.
    void take_role(std::size_t at);
    /// All of them up to the statement's end.
    void take_literals(std::size_t at);
    /// PASSWORD "x", PASSWORD x: what is no literal is refused by the server, and yet a secret.
    void take_slip(std::size_t at);
    void take_all_literals();
    void take_symbol(std::size_t at);
    /// \set NAME value
    void take_settings();
    bool is_in_comment(std::size_t at) const;
    void add(std::size_t begin, std::size_t end);
    std::vector<Range> merged();

    std::string_view m_text;
    std::size_t m_resume = 0;
    bool m_is_built_at_run_time = false; // from literals that may stand anywhere
    std::vector<Range> m_literals;
    std::vector<Range> m_ranges;
    std::vector<std::size_t> m_settings;
    std::set<std::string> m_variables; // that stand behind PASSWORD
};

} // namespace crudctl::script
