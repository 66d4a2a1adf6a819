#pragma once

#include "support/system/file.hpp"

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crudctl::tests {

/// A program that says how to reach it in its first line, answers lines with lines, and ends when
/// its input does.
class TalkingProgram {
public:
    /// Throws std::runtime_error where it says nothing.
    TalkingProgram(const std::vector<std::string>& argv,
                   const std::map<std::string, std::string>& variables);
    ~TalkingProgram();
    TalkingProgram(const TalkingProgram&) = delete;
    TalkingProgram& operator=(const TalkingProgram&) = delete;

    const std::string& first_line() const noexcept { return m_first_line; }
    std::string ask(const std::string& line) const;

private:
    pid_t m_process = -1;
    Descriptor m_input;
    Descriptor m_output;
    std::string m_first_line;
};

} // namespace crudctl::tests
