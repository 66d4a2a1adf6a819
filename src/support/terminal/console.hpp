#pragma once

#include "support/error.hpp"
#include "support/text/secret.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crudctl {

enum class ColorMode { automatic, always, never };
enum class Verbosity { quiet, normal, verbose };

/// Which of the three standard streams are terminals, and how wide they are.
struct Terminal {
    bool input = false;
    bool output = false;
    bool error = false;
    std::size_t columns = 80;
    int input_descriptor = -1; // what to wait on before reading; -1: nothing to wait on

    /// Asks the real descriptors 0, 1 and 2.
    static Terminal of_process();
};

enum class Style { plain, bold, dim, red, green, yellow };
struct Span {
    Style style = Style::plain;
    std::string text;
};

/// The only way to a person or a pipe: data for programs on stdout, everything else on stderr.
/// What goes to stderr is made printable and has every known secret masked; colour appears only
/// where a terminal reads it.
class Console {
public:
    Console(std::ostream& out, std::ostream& err, std::istream& in, Terminal terminal);

    void set_color(ColorMode mode, bool no_color_is_set);
    void set_verbosity(Verbosity verbosity) { m_verbosity = verbosity; }
    Verbosity verbosity() const noexcept { return m_verbosity; }
    const Terminal& terminal() const noexcept { return m_terminal; }

    /// Masks this secret from here on, in everything but result_with_secret().
    void hide(const Secret& secret) { m_secrets.add(secret); }
    /// The text without any secret that is hidden here.
    std::string masked(std::string_view text) const { return m_secrets.masked(text); }

    /// Data on stdout, as it stands but for known secrets; a newline is added where none ends
    /// it. Empty text writes nothing.
    void result(std::string_view text);
    /// The same without masking: for the one command that is asked for a secret.
    void result_with_secret(std::string_view text);
    /// Whether there was any.
    bool has_result() const noexcept { return m_has_result; }

    /// A line on stderr; not shown with --quiet.
    void note(std::string_view line);
    void note(const std::vector<Span>& line);
    /// Only with --verbose.
    void detail(std::string_view line);
    void warning(std::string_view line);
    void error(std::string_view message, std::string_view hint = {});
    void hint(std::string_view line);
    /// Lines on stderr that --quiet does not silence: a screen that a question refers to.
    void screen(const std::vector<Span>& line);

    /// Says that a CI service or an agent runs this, known by a variable: whatever terminal there
    /// is, no person sits at it.
    void set_automation(std::string variable) { m_automation = std::move(variable); }
    /// The variable; empty where none is known.
    const std::string& automation() const noexcept { return m_automation; }

    /// True where a person can be asked: stdin and stderr are terminals, and no automation is
    /// known.
    bool can_ask() const noexcept
    {
        return m_terminal.input && m_terminal.error && m_automation.empty();
    }
    /// Asks on stderr and reads one line; nothing at end of input. What was typed before the
    /// question was there answers something else, and is thrown away. Throws Error when a signal
    /// comes.
    std::optional<std::string> ask(std::string_view prompt);
    /// The same, and what is typed doesn't show.
    std::optional<Secret> ask_secret(std::string_view prompt);

    /// Writes a transient line to the terminal on stderr, replacing the last one; empty clears it.
    void transient(std::string_view line);

    /// Throws Error(failed) when stdout or stderr could not take what was written.
    void finish();

private:
    void write_error_line(const std::vector<Span>& spans);
    std::string colored(Style style, std::string_view text) const;

    std::ostream& m_out;
    std::ostream& m_err;
    std::istream& m_in;
    Terminal m_terminal;
    Verbosity m_verbosity = Verbosity::normal;
    bool m_use_color = false;
    bool m_has_transient = false;
    std::string m_automation;
    SecretFilter m_secrets;
    bool m_has_result = false;
};

} // namespace crudctl
