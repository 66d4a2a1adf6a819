#include "script/source/source_file.hpp"

#include "script/source/gzip_text.hpp"
#include "support/system/private_file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace crudctl::script {

namespace {

using std::string_view;

/// What begins so is read by another program, which writes SQL.
struct ForeignFormat {
    string_view magic;
    std::size_t offset = 0;
    const char* name = "";
    const char* reader = "";
};

constexpr const char* restore = "pg_restore -f -";
constexpr std::array foreign_formats = {
    ForeignFormat{"PGDMP", 0, "a dump in pg_dump's custom format", restore},
    ForeignFormat{"toc.dat", 0, "a dump in pg_dump's tar format", restore},
    ForeignFormat{"\xFD"
                  "7zXZ",
                  0, "compressed with xz", "xz -dc"},
    ForeignFormat{"\x28\xB5\x2F\xFD", 0, "compressed with zstd", "zstd -dc"},
    ForeignFormat{"1AY&SY", 4, "compressed with bzip2", "bzip2 -dc"},
    ForeignFormat{"\x04\x22\x4D\x18", 0, "compressed with lz4", "lz4 -dc"},
    ForeignFormat{"PK\x03\x04", 0, "a zip archive", "unzip -p"},
};

constexpr string_view gzip_magic = "\x1F\x8B";
constexpr std::array<string_view, 6> table_endings = {".tsv",    ".json", ".jsonl",
                                                      ".ndjson", ".xlsx", ".parquet"};

std::string head_of(const SourceFile& source)
{
    constexpr std::size_t enough = 16;
    std::string head(enough, '\0');
    head.resize(source.look(0, head));
    return head;
}

/// As it may be typed here.
std::string typed(const fs::path& path)
{
    const fs::path near = path.lexically_proximate(fs::current_path());
    return shell_word((near.native().starts_with("..") ? path : near).string());
}

[[noreturn]] void refuse_foreign(const ScriptFile& file, const ForeignFormat& format,
                                 const std::string& loading_command, bool is_packed)
{
    const std::string reader =
        is_packed
            ? fmt::format("gunzip -c {} | {}", typed(file.path), format.reader)
            : fmt::format("{} {}", format.reader, file.may_be_stream ? "FILE" : typed(file.path));
    throw Error(ExitCode::configuration,
                fmt::format("\"{}\" is no SQL: it is {}", file.shown, format.name),
                fmt::format("{} | {} -f -", reader, loading_command));
}

void require_sql_text(const SourceFile& source, const ScriptFile& file,
                      const std::string& loading_command, bool is_packed)
{
    const std::string head = head_of(source);
    for (const ForeignFormat& format : foreign_formats) {
        if (head.size() > format.offset &&
            string_view(head).substr(format.offset).starts_with(format.magic)) {
            refuse_foreign(file, format, loading_command, is_packed);
        }
    }
}

void require_no_table(const ScriptFile& file)
{
    fs::path name = lower_ascii(file.path.filename().string());
    if (name.extension() == ".gz") {
        name = name.stem();
    }
    const std::string ending = name.extension();
    if (std::ranges::find(table_endings, ending) != table_endings.end()) {
        throw Error(ExitCode::configuration,
                    fmt::format("\"{}\" is no SQL and no CSV file", file.shown),
                    ending == ".tsv"
                        ? fmt::format("in a .sql file, \\copy TABLE from '{}' loads it", file.shown)
                        : "make a .csv or a .sql file of it");
    }
}

void require_no_dump_folder(const ScriptFile& file, const std::string& loading_command)
{
    if (is_there(file.path / "toc.dat")) {
        constexpr ForeignFormat folder = {"", 0, "a dump in pg_dump's directory format", restore};
        refuse_foreign(file, folder, loading_command, false);
    }
}

SharedSource unpacked(const ScriptFile& file, SharedSource packed)
{
    GzipText text(std::move(packed));
    PrivateFile whole;
    std::vector<char> buffer(std::size_t{64} << 10U);
    std::size_t offset = 0;
    while (const std::size_t size = text.read_at(offset, buffer)) {
        whole.append({buffer.data(), size});
        offset += size;
    }
    return std::make_shared<const SourceFile>(file, std::move(whole).to_input(file.path));
}

} // namespace

SharedSource open_sql(const ScriptFile& named, const std::string& loading_command)
{
    ScriptFile file = named;
    file.may_be_stream = file.may_be_stream && is_stream(file.path);
    require_no_table(file);
    require_no_dump_folder(file, loading_command);
    SharedSource source = file.may_be_stream
                              ? std::make_shared<const SourceFile>(file, read_stream(file.path))
                              : std::make_shared<const SourceFile>(file);
    const bool is_packed = head_of(*source).starts_with(gzip_magic);
    if (is_packed) {
        source = unpacked(file, std::move(source));
    }
    require_sql_text(*source, file, loading_command, is_packed);
    return source;
}

} // namespace crudctl::script
