#include "server/process_table.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <sys/stat.h>

namespace crudctl::server {

namespace fs = std::filesystem;

namespace {

template <typename Number>
Number number_in(std::string_view text)
{
    Number number = 0;
    const std::string_view digits = trimmed(text);
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    return error == std::errc() && stop == end && number > 0 ? number : 0;
}

std::string proc_text(pid_t process, const char* name)
{
    const std::ifstream file(fmt::format("/proc/{}/{}", process, name), std::ios::binary);
    // A process that ends while it is read fails the reading, which an iterator would throw.
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// The arguments between spaces instead of zeros, at both ends too.
std::string command_line(pid_t process)
{
    std::string text = proc_text(process, "cmdline");
    std::ranges::replace(text, '\0', ' ');
    return text;
}

bool is_named_postgres(const std::string& command_line)
{
    const fs::path program = command_line.substr(0, command_line.find_first_of(" :"));
    const std::string name = program.filename().string();
    return name == "postgres" || name == "postmaster";
}

/// A server runs under the account that its data belong to.
bool is_of_another_account(pid_t process, const Layout& layout)
{
    struct stat theirs {};
    struct stat data {};
    return ::stat(fmt::format("/proc/{}", process).c_str(), &theirs) == 0 &&
           ::stat(layout.data().c_str(), &data) == 0 && theirs.st_uid != data.st_uid;
}

} // namespace

bool has_entry(pid_t process)
{
    return process > 0 && (::kill(process, 0) == 0 || errno == EPERM);
}

bool is_alive(pid_t process)
{
    if (!has_entry(process)) {
        return false;
    }
    // "4242 (a name, maybe with parentheses) Z …". Nobody may reap it in a container whose first
    // process doesn't care, so it counts as gone.
    const std::string stat = proc_text(process, "stat");
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos || name_end + 2 >= stat.size()) {
        return true;
    }
    const char state = stat[name_end + 2];
    return state != 'Z' && state != 'X';
}

Holds holds_data(pid_t process, const Layout& layout)
{
    if (!is_alive(process)) {
        return Holds::no;
    }
    std::error_code unreadable;
    const fs::path folder = fs::read_symlink(fmt::format("/proc/{}/cwd", process), unreadable);
    if (!unreadable) {
        std::error_code unresolved; // a data directory may have been moved and linked to
        return folder == fs::weakly_canonical(layout.data(), unresolved) ? Holds::yes : Holds::no;
    }
    const std::string line = command_line(process);
    if (line.find(layout.cluster_name()) != std::string::npos ||
        line.find(layout.data().string()) != std::string::npos) {
        return is_named_postgres(line) ? Holds::yes : Holds::no;
    }
    const bool may_be_ours = line.empty() || is_named_postgres(line);
    return may_be_ours && !is_of_another_account(process, layout) ? Holds::unknown : Holds::no;
}

std::vector<pid_t> processes_holding(const Layout& layout)
{
    std::vector<pid_t> holders;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/proc", none)) {
        const auto process = number_in<pid_t>(entry.path().filename().string());
        if (process > 0 && holds_data(process, layout) == Holds::yes) {
            holders.push_back(process);
        }
    }
    return holders;
}

std::optional<PidFile> read_pid_file(const fs::path& data)
{
    if (!is_there(data / "postmaster.pid")) {
        return std::nullopt;
    }
    PidFile result;
    try {
        constexpr std::size_t more_than_enough = 65536;
        std::istringstream lines(read_file(data / "postmaster.pid", more_than_enough).text);
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            switch (++number) {
            case 1:
                result.process = number_in<pid_t>(line);
                break;
            case 4:
                result.port = number_in<int>(line);
                break;
            case 5:
                result.socket_folder = line;
                break;
            case 8:
                result.is_ready = trimmed(line) == "ready";
                break;
            default:
                break;
            }
        }
    } catch (const Error&) {
        // It went away meanwhile, or can't be read: nothing is known of a process.
    }
    return result;
}

} // namespace crudctl::server
