#include "support/child.hpp"
#include "support/cli_runner.hpp"
#include "support/temp_folder.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

namespace crudctl::tests {

/// One end of a pseudo-terminal, and the child on the other.
class TerminalSession {
public:
    TerminalSession(const ProgramStart& start, unsigned short columns, unsigned short lines)
        : m_child(start_child(start, columns, lines), start)
    {
        ::fcntl(m_terminal.number(), F_SETFL, O_NONBLOCK);
        ::fcntl(m_terminal.number(), F_SETFD, FD_CLOEXEC);
    }

    void expect(std::string_view text)
    {
        for (std::size_t at = find(text); at == std::string::npos; at = find(text)) {
            if (!receive() && find(text) == std::string::npos) {
                throw std::runtime_error(
                    fmt::format("\"{}\" never came; the screen shows:\n{}", text, m_screen));
            }
            m_child.watch(fmt::format("the wait for \"{}\"", text), m_screen);
        }
        m_seen = find(text) + text.size();
    }

    void type(std::string_view keys)
    {
        while (!keys.empty()) {
            const ssize_t count = ::write(m_terminal.number(), keys.data(), keys.size());
            keys.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
            if (!receive()) {
                return;
            }
            m_child.watch("the typing", m_screen);
        }
    }

    void signal(int number) { m_child.signal(number); }

    TerminalResult finish()
    {
        bool is_open = true;
        while (is_open || m_child.is_running()) {
            is_open = receive();
            m_child.watch("the rest of the run", m_screen);
        }
        m_child.forbid_secrets(m_screen, "the screen");
        return {m_child.exit_code(), m_screen};
    }

private:
    pid_t start_child(const ProgramStart& start, unsigned short columns, unsigned short lines)
    {
        const ExecImage image(start);
        const winsize size{lines, columns, 0, 0};
        int number = -1;
        const pid_t id = ::forkpty(&number, nullptr, nullptr, &size);
        if (id == 0) {
            image.become();
        }
        m_terminal = Descriptor(number);
        return id;
    }

    std::size_t find(std::string_view text) const { return m_screen.find(text, m_seen); }

    /// Takes what came, with newlines as programs write them; false once the child has hung up.
    bool receive()
    {
        pollfd wait = {m_terminal.number(), POLLIN, 0};
        ::poll(&wait, 1, static_cast<int>(watch_interval.count()));
        std::string text;
        if (!read_available(m_terminal, text)) {
            m_terminal.close();
        }
        for (const char character : text) {
            if (character != '\r') {
                m_screen += character;
            }
        }
        return static_cast<bool>(m_terminal);
    }

    Descriptor m_terminal; // before the child: start_child() sets it
    Child m_child;
    std::string m_screen;
    std::size_t m_seen = 0;
};

TerminalCall::TerminalCall(ProgramStart start, unsigned short columns, unsigned short lines)
    : m_start(std::move(start)), m_columns(columns), m_lines(lines)
{}

TerminalCall& TerminalCall::expect(std::string text)
{
    m_dialogue.emplace_back(
        [text = std::move(text)](TerminalSession& session) { session.expect(text); });
    return *this;
}

TerminalCall& TerminalCall::type(std::string keys)
{
    m_dialogue.emplace_back(
        [keys = std::move(keys)](TerminalSession& session) { session.type(keys); });
    return *this;
}

TerminalCall& TerminalCall::signal(int number)
{
    m_dialogue.emplace_back([number](TerminalSession& session) { session.signal(number); });
    return *this;
}

TerminalResult TerminalCall::result() const
{
    const TempFolder home;
    ProgramStart start = at_home(m_start, home.path());
    if (!start.environment.value("TERM")) {
        start.environment.set("TERM", "xterm-256color");
    }
    TerminalSession session(start, m_columns, m_lines);
    for (const auto& step : m_dialogue) {
        step(session);
    }
    return session.finish();
}

} // namespace crudctl::tests
