#include "support/loaded_files.hpp"

#include "support/error.hpp"
#include "support/file.hpp"

#include <algorithm>
#include <string>
#include <system_error>

#include <link.h>

namespace crudctl {

namespace fs = std::filesystem;

namespace {

/// As the archive calls them; its loader is what the system takes for the program that runs.
constexpr const char* archive_loader = "crudctl-loader";
constexpr const char* archive_program = "crudctl";

struct Listing {
    std::vector<fs::path> files;
    fs::path interpreter; // that the program itself names
};

fs::path interpreter_of(const dl_phdr_info& info)
{
    for (int i = 0; i < info.dlpi_phnum; ++i) {
        const auto& header = info.dlpi_phdr[i];
        if (header.p_type == PT_INTERP) {
            // The loader gives addresses as numbers.
            return reinterpret_cast<const char*>( // NOLINT(performance-no-int-to-ptr)
                info.dlpi_addr + header.p_vaddr);
        }
    }
    return {};
}

int take(dl_phdr_info* info, std::size_t /*size*/, void* target)
{
    auto& listing = *static_cast<Listing*>(target);
    const std::string name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
    if (listing.interpreter.empty()) { // the program comes first; libc names one as well
        listing.interpreter = interpreter_of(*info);
    }
    if (name.find('/') != std::string::npos) { // the kernel's own has no file
        listing.files.emplace_back(name);
    }
    return 0;
}

} // namespace

LoadedFiles loaded_files()
{
    Listing listing;
    ::dl_iterate_phdr(take, &listing);
    std::error_code problem;
    LoadedFiles loaded;
    loaded.program = fs::read_symlink("/proc/self/exe", problem);
    if (problem) {
        throw Error(ExitCode::failed, "cannot tell where crudctl itself lies: /proc is missing");
    }
    loaded.loader = listing.interpreter;
    if (loaded.program.filename() == archive_loader) {
        loaded.loader = loaded.program;
        loaded.program = loaded.program.parent_path() / archive_program;
    }
    for (const fs::path& file : listing.files) {
        if (!fs::equivalent(file, loaded.loader, problem) &&
            !fs::equivalent(file, loaded.program, problem)) {
            loaded.libraries.push_back(file);
        }
    }
    std::sort(loaded.libraries.begin(), loaded.libraries.end(),
              [](const fs::path& a, const fs::path& b) { return a.filename() < b.filename(); });
    return loaded;
}

} // namespace crudctl
