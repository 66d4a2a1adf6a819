#include "commands/lambda/archive.hpp"
#include "commands/lambda/zip_writer.hpp"
#include "support/cli_runner.hpp"
#include "support/system/file.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

std::string archive()
{
    ZipWriter writer;
    writer.add("run", "#!/bin/sh\n", 0755);
    writer.add("a/empty", "");
    writer.add("a/long", std::string(100000, 'x') + '\0' + "end");
    return writer.finish();
}

} // namespace

TEST_CASE("a zip is read by Python's, with names, modes and contents")
{
    const TempFolder folder;
    const fs::path zip = folder.write("x.zip", archive());
    const auto read =
        run_crudctl({"-c",
                     "import sys, zipfile\n"
                     "zip = zipfile.ZipFile(sys.argv[1])\n"
                     "assert zip.testzip() is None\n"
                     "for one in zip.infolist():\n"
                     "    text = zip.read(one)\n"
                     "    print(one.filename, oct(one.external_attr >> 16), len(text),"
                     " text[-4:], one.date_time)",
                     zip.string()})
            .with_program("/usr/bin/python3")
            .result();
    INFO(read.err);
    CHECK(read.exit_code == 0);
    CHECK(read.out == "run 0o100755 10 b'/sh\\n' (1980, 1, 1, 0, 0, 0)\n"
                      "a/empty 0o100644 0 b'' (1980, 1, 1, 0, 0, 0)\n"
                      "a/long 0o100644 100004 b'\\x00end' (1980, 1, 1, 0, 0, 0)\n");
    CHECK(fs::file_size(zip) < 1000);
}

TEST_CASE("the same files make the same zip")
{
    CHECK(archive() == archive());
}

TEST_CASE("this program knows the files that it was loaded from")
{
    const LoadedFiles loaded = loaded_files();
    CHECK(fs::equivalent(loaded.program, "/proc/self/exe"));
    CHECK(loaded.loader.filename().string().find("ld-") == 0);
    for (const char* name : {"libpq.so.5", "libc.so.6", "libstdc++.so.6"}) {
        CAPTURE(name);
        CHECK(std::ranges::any_of(loaded.libraries, [&](const fs::path& library) {
            return library.filename() == name && is_there(library);
        }));
    }
    CHECK(std::ranges::none_of(loaded.libraries, [&](const fs::path& library) {
        return library.filename() == loaded.loader.filename();
    }));
}
