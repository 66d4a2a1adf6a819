#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace crudctl::script {

enum class TokenKind {
    word, // a keyword or a name without quotes
    quoted_name,
    string, // in any form, with its prefix, its continuations and its dollar tags
    number, // also a parameter such as $1
    symbol, // one character; an operator comes as several
};

/// Where a token lies in the text that was given to Lexer::next().
struct Token {
    TokenKind kind = TokenKind::symbol;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// What a backslash means between plain quotes: the server's standard_conforming_strings.
enum class Backslashes { literal, escape };

/// Cuts SQL into tokens as the server's own lexer does (src/backend/parser/scan.l), over a text
/// that may still be growing: no byte is looked at twice.
class Lexer {
public:
    /// The next token, without the blanks and comments before it. Null: it takes more text to know,
    /// or, where is_last says that none will come, there is no further token.
    /// `text` must begin with what it was last time, less what drop() took away.
    /// A pointer, until the next call, because copies of tokens took a quarter of all time.
    const Token* next(std::string_view text, bool is_last);

    /// Takes effect on the strings that open from here on.
    void set_backslashes(Backslashes backslashes) { m_backslashes = backslashes; }
    Backslashes backslashes() const noexcept { return m_backslashes; }

    /// Where the next call goes on, and where what it is inside of began.
    std::size_t at() const noexcept { return m_at; }
    std::size_t begin() const noexcept { return m_state == State::between ? m_at : m_begin; }
    /// Where the first block comment since the last token began; npos where there is none.
    std::size_t comment() const noexcept { return m_comment; }
    static constexpr std::size_t npos = std::string_view::npos;
    /// Goes on from there, outside everything.
    void restart(std::size_t at);
    /// The first `count` bytes of the text are gone. At most begin().
    void drop(std::size_t count);

    /// "quoted string", "comment", …: what is open where the text ends; empty where nothing is.
    std::string_view open() const;

private:
    enum class State {
        between,
        word,
        number,
        parameter,
        line_comment,
        block_comment,
        string,
        after_string, // a newline and another quote would continue it
        quoted_name,
        dollar_tag,
        dollar_string,
    };
    enum class StringForm { plain, escape, bits };
    enum class NumberPart { whole, fraction, exponent };
    enum class Progress { going_on, token, starved };

    Progress step();
    Progress step_between();
    Progress begin_token(char c);
    Progress step_word();
    Progress step_number();
    Progress step_line_comment();
    Progress step_block_comment();
    Progress step_string();
    Progress step_after_string();
    Progress step_quoted_name();
    Progress step_dollar_tag();
    Progress step_dollar_string();

    Progress enter(State state, std::size_t length);
    Progress enter_string(StringForm form, std::size_t length);
    Progress finish(TokenKind kind, std::size_t end);
    bool is_unknown(std::size_t ahead) const;
    char peek(std::size_t ahead) const;
    bool skip_digits();

    std::string_view m_text;
    bool m_is_last = false;
    Backslashes m_backslashes = Backslashes::literal;

    State m_state = State::between;
    std::size_t m_at = 0;
    std::size_t m_begin = 0;
    std::size_t m_string_end = 0;
    StringForm m_form = StringForm::plain;
    NumberPart m_part = NumberPart::whole;
    bool m_saw_newline = false;
    State m_after_comment = State::between;
    std::size_t m_depth = 0;
    std::size_t m_comment = npos;
    bool m_has_given_token = false;
    std::string m_tag;
    Token m_token;
};

/// The tokens of a whole text, one after the other.
class TokenReader {
public:
    explicit TokenReader(std::string_view text, Backslashes backslashes = Backslashes::literal)
        : m_text(text)
    {
        m_lexer.set_backslashes(backslashes);
    }

    const Token* next() { return m_lexer.next(m_text, true); }
    std::string_view text_of(const Token& token) const
    {
        return m_text.substr(token.begin, token.end - token.begin);
    }

private:
    std::string_view m_text;
    Lexer m_lexer;
};

} // namespace crudctl::script
