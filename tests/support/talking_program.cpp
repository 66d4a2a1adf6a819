#include "support/talking_program.hpp"

#include <array>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crudctl::tests {

namespace {

std::pair<Descriptor, Descriptor> make_talk_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("cannot make a pipe");
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::string line_from(const Descriptor& descriptor)
{
    std::string line;
    char c = '\0';
    while (::read(descriptor.number(), &c, 1) == 1 && c != '\n') {
        line += c;
    }
    return line;
}

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> result;
    for (std::string& text : texts) {
        result.push_back(text.data());
    }
    result.push_back(nullptr);
    return result;
}

} // namespace

TalkingProgram::TalkingProgram(const std::vector<std::string>& argv,
                               const std::map<std::string, std::string>& variables)
{
    auto [input_read, input_write] = make_talk_pipe();
    auto [output_read, output_write] = make_talk_pipe();
    std::vector<std::string> arguments = argv;
    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
    for (const auto& [name, value] : variables) {
        environment.push_back(name + "=" + value);
    }
    const auto argument_pointers = pointers(arguments);
    const auto environment_pointers = pointers(environment);
    m_process = ::fork();
    if (m_process == 0) {
        ::dup2(input_read.number(), STDIN_FILENO);
        ::dup2(output_write.number(), STDOUT_FILENO);
        ::execve(argument_pointers[0], argument_pointers.data(), environment_pointers.data());
        ::_exit(127);
    }
    m_input = std::move(input_write);
    output_write.close();
    m_output = std::move(output_read);
    m_first_line = line_from(m_output);
    if (m_first_line.empty()) {
        throw std::runtime_error(argv.at(1) + " says nothing");
    }
}

TalkingProgram::~TalkingProgram()
{
    m_input.close();
    ::kill(m_process, SIGTERM);
    ::waitpid(m_process, nullptr, 0);
}

std::string TalkingProgram::ask(const std::string& line) const
{
    const std::string text = line + "\n";
    if (::write(m_input.number(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::runtime_error("the program does not listen");
    }
    return line_from(m_output);
}

} // namespace crudctl::tests
