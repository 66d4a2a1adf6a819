#include "config/project/sql_files.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace fs = std::filesystem;

namespace crudctl::config {

namespace {

using std::string_view;

constexpr std::size_t largest_settings = std::size_t{1} << 20U;
constexpr int deepest_settings = 3;
constexpr std::size_t most_entries = 2000; // that are looked at for Django's settings

std::string text_in(const fs::path& path)
{
    return text_if_readable(path, largest_settings);
}

bool speaks_of_url(string_view text)
{
    constexpr std::array<string_view, 4> words = {"DATABASE_URL", "dj_database_url", "env.db(",
                                                  "CONNECTION_URL"};
    return std::ranges::any_of(
        words, [&](string_view word) { return text.find(word) != string_view::npos; });
}

/// The first of these files that is there.
std::string first_of(const fs::path& root, const std::vector<std::string>& names)
{
    const auto found =
        std::ranges::find_if(names, [&](const std::string& name) { return is_there(root / name); });
    return found == names.end() ? std::string() : *found;
}

std::optional<SchemaProgram> find_prisma(const fs::path& root)
{
    const std::string schema = "prisma/schema.prisma";
    if (!is_there(root / schema)) {
        return std::nullopt;
    }
    const std::string config = first_of(
        root, {"prisma.config.ts", "prisma.config.js", "prisma.config.mjs", "prisma7.config.ts"});
    SchemaProgram program{"Prisma", schema, {}, {}, {"prisma/**"}, false, {}, {}};
    program.schema_command = is_there(root / "prisma/migrations")
                                 ? std::vector<std::string>{"npx", "prisma", "migrate", "deploy"}
                                 : std::vector<std::string>{"npx", "prisma", "db", "push"};
    program.reads_url = speaks_of_url(text_in(root / schema)) ||
                        (!config.empty() && speaks_of_url(text_in(root / config)));
    program.settings_file = config.empty() ? schema : config;
    program.advice = "url = env(\"DATABASE_URL\")";
    return program;
}

std::optional<SchemaProgram> find_drizzle(const fs::path& root)
{
    const std::string config = first_of(root, {"drizzle.config.ts", "drizzle.config.js",
                                               "drizzle.config.mjs", "drizzle.config.json"});
    if (config.empty()) {
        return std::nullopt;
    }
    return SchemaProgram{"Drizzle",
                         config,
                         {"npx", "drizzle-kit", "migrate"},
                         {},
                         {"drizzle/**", config},
                         speaks_of_url(text_in(root / config)),
                         config,
                         "dbCredentials: { url: process.env.DATABASE_URL! }"};
}

/// Whether a Ruby file says anything but comments.
bool has_statement(string_view text)
{
    while (!text.empty()) {
        const string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first != string_view::npos && line[first] != '#') {
            return true;
        }
    }
    return false;
}

std::optional<SchemaProgram> find_rails(const fs::path& root)
{
    const std::string schema = "db/schema.rb";
    if (!is_there(root / "config/application.rb") || !is_there(root / schema)) {
        return std::nullopt;
    }
    // Rails reads DATABASE_URL by itself, unless the file has a URL of its own.
    const std::string settings = text_in(root / "config/database.yml");
    const bool has_own_url = settings.find("url:") != std::string::npos && !speaks_of_url(settings);
    SchemaProgram program{"Rails",
                          schema,
                          {"bin/rails", "db:schema:load"},
                          {},
                          {schema},
                          !has_own_url,
                          "config/database.yml",
                          "url: <%= ENV[\"DATABASE_URL\"] %>"};
    if (has_statement(text_in(root / "db/seeds.rb"))) {
        program.seed_command = {"bin/rails", "db:seed"};
    }
    return program;
}

/// A virtual environment of the project's own, else the one in PATH.
std::string python_of(const fs::path& root, const std::string& program)
{
    const std::string found = first_of(root, {".venv/bin/" + program, "venv/bin/" + program});
    return found.empty() ? program : found;
}

/// Django's settings: a file settings.py, or one in a folder settings/.
std::vector<fs::path> django_settings(const fs::path& root)
{
    std::vector<fs::path> found;
    std::error_code error;
    fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied,
                                           error);
    for (std::size_t seen = 0;
         !error && entry != fs::recursive_directory_iterator() && seen < most_entries;
         entry.increment(error), ++seen) {
        const fs::path& path = entry->path();
        const std::string name = path.filename().string();
        if (name.starts_with('.') || name == "node_modules" || name == "venv" ||
            entry.depth() >= deepest_settings) {
            entry.disable_recursion_pending();
        }
        if (name == "settings.py" ||
            (path.parent_path().filename() == "settings" && path.extension() == ".py")) {
            found.push_back(path);
        }
    }
    std::ranges::sort(found);
    return found;
}

std::optional<SchemaProgram> find_django(const fs::path& root)
{
    if (text_in(root / "manage.py").find("django") == std::string::npos) {
        return std::nullopt;
    }
    const std::vector<fs::path> settings = django_settings(root);
    const auto reading = std::ranges::find_if(
        settings, [](const fs::path& path) { return speaks_of_url(text_in(path)); });
    return SchemaProgram{"Django",
                         "manage.py",
                         {python_of(root, "python"), "manage.py", "migrate"},
                         {},
                         {"**/migrations/*.py"},
                         reading != settings.end(),
                         settings.empty() ? "settings.py"
                                          : settings.front().lexically_relative(root).string(),
                         "DATABASES = {\"default\": dj_database_url.config()}"};
}

std::optional<SchemaProgram> find_alembic(const fs::path& root)
{
    const std::string config = "alembic.ini";
    if (!is_there(root / config)) {
        return std::nullopt;
    }
    const std::string env = first_of(root, {"alembic/env.py", "migrations/env.py"});
    const std::string folder = env.empty() ? "alembic" : fs::path(env).parent_path().string();
    return SchemaProgram{
        "Alembic",
        config,
        {python_of(root, "alembic"), "upgrade", "head"},
        {},
        {folder + "/**"},
        !env.empty() && speaks_of_url(text_in(root / env)),
        env.empty() ? folder + "/env.py" : env,
        "config.set_main_option(\"sqlalchemy.url\", os.environ[\"DATABASE_URL\"])"};
}

} // namespace

std::optional<SchemaProgram> find_schema_program(const fs::path& root)
{
    for (const auto find : {find_prisma, find_drizzle, find_rails, find_django, find_alembic}) {
        if (auto program = find(root)) {
            return program;
        }
    }
    return std::nullopt;
}

} // namespace crudctl::config
