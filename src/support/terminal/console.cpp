#include "support/terminal/console.hpp"

#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <array>
#include <cstdio>
#include <istream>
#include <ostream>
#include <utility>

#include <poll.h>
#include <stdio_ext.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace crudctl {

namespace {

std::string_view escape_sequence(Style style)
{
    switch (style) {
    case Style::bold:
        return "\x1b[1m";
    case Style::dim:
        return "\x1b[2m";
    case Style::red:
        return "\x1b[31m";
    case Style::green:
        return "\x1b[32m";
    case Style::yellow:
        return "\x1b[33m";
    case Style::plain:
        break;
    }
    return "";
}

void write_with_newline(std::ostream& stream, std::string_view text)
{
    stream << text;
    if (!text.empty() && text.back() != '\n') {
        stream << '\n';
    }
}

/// A read would go on after a signal: this waits for both.
void wait_for_input(int descriptor)
{
    std::array<pollfd, 2> waits = {pollfd{descriptor, POLLIN, 0},
                                   pollfd{interrupt::descriptor(), POLLIN, 0}};
    while (descriptor >= 0 && waits[0].revents == 0) {
        ::poll(waits.data(), waits.size(), -1);
        interrupt::throw_if_pending();
    }
}

/// Throws away what was typed ahead: of the terminal's queue, and of what a former read left.
void forget_typed_ahead(int descriptor, std::istream& in)
{
    if (descriptor < 0 || ::isatty(descriptor) != 1) {
        return;
    }
    ::tcflush(descriptor, TCIFLUSH);
    if (descriptor == STDIN_FILENO) {
        ::__fpurge(stdin);
    }
    while (in.rdbuf()->in_avail() > 0) {
        in.ignore(in.rdbuf()->in_avail());
    }
    // A line that was complete before it was flushed may still be there to be read.
    pollfd more = {descriptor, POLLIN, 0};
    std::array<char, 4096> ignored{};
    while (::poll(&more, 1, 0) > 0 && (more.revents & POLLIN) != 0 &&
           ::read(descriptor, ignored.data(), ignored.size()) > 0) {}
}

/// Keeps a terminal from showing what is typed, for as long as it lives.
class EchoOff {
public:
    explicit EchoOff(int descriptor) : m_descriptor(descriptor)
    {
        m_is_off = ::tcgetattr(descriptor, &m_before) == 0;
        if (m_is_off) {
            termios quiet = m_before;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            ::tcsetattr(descriptor, TCSAFLUSH, &quiet);
        }
    }
    ~EchoOff()
    {
        if (m_is_off) {
            ::tcsetattr(m_descriptor, TCSAFLUSH, &m_before);
        }
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

private:
    int m_descriptor;
    termios m_before{};
    bool m_is_off = false;
};

} // namespace

Terminal Terminal::of_process()
{
    Terminal result;
    result.input = ::isatty(STDIN_FILENO) == 1;
    result.output = ::isatty(STDOUT_FILENO) == 1;
    result.error = ::isatty(STDERR_FILENO) == 1;
    result.input_descriptor = STDIN_FILENO;
    winsize size{};
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
        if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
            result.columns = size.ws_col;
            break;
        }
    }
    return result;
}

Console::Console(std::ostream& out, std::ostream& err, std::istream& in, Terminal terminal)
    : m_out(out), m_err(err), m_in(in), m_terminal(terminal)
{}

void Console::set_color(ColorMode mode, bool no_color_is_set)
{
    m_use_color = mode == ColorMode::always ||
                  (mode == ColorMode::automatic && m_terminal.error && !no_color_is_set);
}

void Console::result(std::string_view text)
{
    result_with_secret(m_secrets.masked(text));
}

void Console::result_with_secret(std::string_view text)
{
    transient("");
    m_has_result = m_has_result || !text.empty();
    write_with_newline(m_out, text);
}

void Console::note(std::string_view line)
{
    note({Span{Style::plain, std::string(line)}});
}

void Console::note(const std::vector<Span>& line)
{
    if (m_verbosity != Verbosity::quiet) {
        write_error_line(line);
    }
}

void Console::detail(std::string_view line)
{
    if (m_verbosity == Verbosity::verbose) {
        write_error_line({Span{Style::dim, std::string(line)}});
    }
}

void Console::warning(std::string_view line)
{
    write_error_line({{Style::yellow, "crudctl: warning: "}, {Style::plain, std::string(line)}});
}

void Console::error(std::string_view message, std::string_view hint)
{
    write_error_line({{Style::red, "crudctl: error: "}, {Style::plain, std::string(message)}});
    if (!hint.empty()) {
        this->hint(hint);
    }
}

void Console::hint(std::string_view line)
{
    write_error_line({{Style::bold, "crudctl: hint: "}, {Style::plain, std::string(line)}});
}

void Console::screen(const std::vector<Span>& line)
{
    write_error_line(line);
}

std::optional<std::string> Console::ask(std::string_view prompt)
{
    transient("");
    m_out.flush();
    m_err.flush();
    forget_typed_ahead(m_terminal.input_descriptor, m_in);
    m_err << printable(m_secrets.masked(prompt)) << std::flush;
    wait_for_input(m_terminal.input_descriptor);
    std::string answer;
    if (!std::getline(m_in, answer)) {
        m_err << '\n';
        return std::nullopt;
    }
    return answer;
}

std::optional<Secret> Console::ask_secret(std::string_view prompt)
{
    const EchoOff echo_off(m_terminal.input_descriptor);
    auto answer = ask(prompt);
    m_err << '\n';
    return answer ? std::optional(Secret(std::move(*answer))) : std::nullopt;
}

void Console::transient(std::string_view line)
{
    if (!m_terminal.error || (line.empty() && !m_has_transient)) {
        return;
    }
    const std::string text = printable(m_secrets.masked(line));
    m_err << "\r\x1b[K" << shortened(text, m_terminal.columns - 1) << std::flush;
    m_has_transient = !line.empty();
}

void Console::finish()
{
    transient("");
    m_out.flush();
    m_err.flush();
    if (!m_out) {
        throw Error(ExitCode::failed, "cannot write the result: standard output is closed or full");
    }
}

void Console::write_error_line(const std::vector<Span>& spans)
{
    transient("");
    std::string line;
    for (const Span& span : spans) {
        line += colored(span.style, printable(m_secrets.masked(span.text), KeepLines::yes));
    }
    write_with_newline(m_err, line);
    m_err.flush();
}

std::string Console::colored(Style style, std::string_view text) const
{
    if (!m_use_color || style == Style::plain || text.empty()) {
        return std::string(text);
    }
    return std::string(escape_sequence(style)) + std::string(text) + "\x1b[0m";
}

} // namespace crudctl
