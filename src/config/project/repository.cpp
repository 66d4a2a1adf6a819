#include "config/project/repository.hpp"

#include "config/file/variables.hpp"
#include "config/project/name_search.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace crudctl::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_looked_into = std::size_t{1} << 20U;

constexpr std::array compose_files = {"compose.yaml", "compose.yml", "docker-compose.yaml",
                                      "docker-compose.yml"};

/// Where a repository names the variables that it wants.
constexpr std::array telling_files = {".env.example",
                                      ".env.sample",
                                      ".env.template",
                                      "compose.yaml",
                                      "compose.yml",
                                      "docker-compose.yaml",
                                      "docker-compose.yml",
                                      ".gitpod.yml",
                                      ".gitpod/automations.yaml",
                                      ".ona/automations.yaml",
                                      ".devcontainer/devcontainer.json"};

constexpr std::array example_files = {".env.example", ".env.sample", ".env.template"};

constexpr const char* in_environment = "the environment or .env";

constexpr std::array local_variables = {"CONNECTION_URL", "DATABASE_URL", "POSTGRES_URL"};
constexpr std::array prod_variables = {"PROD_CONNECTION_URL", "PROD_DATABASE_URL"};
constexpr std::array aws_variables = {"DB_SG_ID",          "DB_SG_RULE_ID",      "AWS_PROFILE",
                                      "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION"};

constexpr std::array script_folders = {"bin", "bin/db", "bin/rds", "scripts", "scripts/db"};

std::string text_of(const fs::path& path)
{
    return text_if_readable(path, largest_looked_into);
}

bool is_word_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// True where the name stands in the text as a word of its own.
bool mentions(std::string_view text, std::string_view name)
{
    for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
        const auto end = at + name.size();
        if ((at == 0 || !is_word_character(text[at - 1])) &&
            (end == text.size() || !is_word_character(text[end]))) {
            return true;
        }
    }
    return false;
}

/// What the environment and the repository's files say of variables.
class VariableSearch {
public:
    VariableSearch(const fs::path& root, const Environment& environment)
        : m_environment(environment)
    {
        for (const char* file : telling_files) {
            m_texts.emplace_back(file, text_of(root / file));
        }
    }

    void add_text(const std::string& file, std::string text)
    {
        m_texts.emplace_back(file, std::move(text));
    }

    std::optional<SeenVariable> find(std::string_view name) const
    {
        if (m_environment.value(name)) {
            return SeenVariable{std::string(name), in_environment};
        }
        for (const auto& [file, text] : m_texts) {
            if (mentions(text, name)) {
                return SeenVariable{std::string(name), file};
            }
        }
        return std::nullopt;
    }

    template <typename Names>
    std::vector<SeenVariable> find_all(const Names& names) const
    {
        std::vector<SeenVariable> seen;
        for (const char* name : names) {
            if (auto variable = find(name)) {
                seen.push_back(std::move(*variable));
            }
        }
        return seen;
    }

private:
    const Environment& m_environment;
    std::vector<std::pair<std::string, std::string>> m_texts; // by the file's name
};

enum class OfProd { no, yes };

/// Of names that nobody told us: the first variable whose value is such a URL.
std::optional<SeenVariable> other_url(const Environment& environment, OfProd of_prod)
{
    for (const auto& [name, value] : environment.variables()) {
        const bool is_url = value.starts_with("postgres://") || value.starts_with("postgresql://");
        if (is_url &&
            (lower_ascii(name).find("prod") != std::string::npos) == (of_prod == OfProd::yes)) {
            return SeenVariable{name, in_environment};
        }
    }
    return std::nullopt;
}

template <typename Names>
std::optional<SeenVariable> find_url(const Names& names, const VariableSearch& search,
                                     const Environment& environment, OfProd of_prod)
{
    const std::vector<SeenVariable> seen = search.find_all(names);
    return seen.empty() ? other_url(environment, of_prod) : seen.front();
}

fs::path relative_to(const fs::path& root, const fs::path& path)
{
    return path.lexically_relative(root);
}

void make_relative(SqlFiles& files, const fs::path& root)
{
    for (auto* paths : {&files.schema, &files.seeds, &files.candidates}) {
        for (fs::path& path : *paths) {
            path = relative_to(root, path);
        }
    }
}

/// Named like the scripts that crudctl replaces: db-setup, db-setup.sh, db/setup.
bool is_about_databases(const fs::path& path)
{
    const std::string name = path.filename().string();
    const std::string folder = path.parent_path().filename().string();
    return name.starts_with("db-") || name.starts_with("rds-") || folder == "db" || folder == "rds";
}

void add_programs_in(const fs::path& folder, const fs::path& root, std::vector<fs::path>& found)
{
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored) && is_about_databases(entry->path())) {
            found.push_back(relative_to(root, entry->path()));
        }
    }
}

/// In the root's script folders and in those of each folder below it.
std::vector<fs::path> find_scripts(const fs::path& root)
{
    std::vector<fs::path> places = {root};
    std::error_code error;
    for (fs::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        places.push_back(entry->path());
    }
    std::vector<fs::path> found;
    for (const fs::path& place : places) {
        for (const char* folder : script_folders) {
            add_programs_in(place / folder, root, found);
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// A file that somebody else's file names: only one below the root is looked into.
std::map<std::string, std::string, std::less<>> variables_in(const fs::path& root,
                                                             const std::string& path)
{
    const fs::path inside = fs::path(path).lexically_normal();
    if (inside.empty() || inside.is_absolute() || *inside.begin() == "..") {
        return {};
    }
    try {
        return parse_dotenv(text_of(root / inside), path).variables;
    } catch (const Error&) {
        return {};
    }
}

void look_at_compose(Repository& repository, const fs::path& root, const Environment& environment)
{
    const ComposeSurroundings surroundings = {
        [&](const std::string& name) { return environment.value(name); },
        [&](const std::string& path) { return variables_in(root, path); }};
    for (const char* file : compose_files) {
        repository.compose = find_compose_databases(text_of(root / file), surroundings);
        if (!repository.compose.empty()) {
            repository.compose_file = file;
            return;
        }
    }
}

void find_name(Repository& repository, const fs::path& root, const Environment& environment)
{
    NameSearch search;
    if (!repository.compose.empty()) {
        search.add(repository.compose.front().database, repository.compose_file);
    }
    for (const fs::path& script : repository.scripts) {
        search.add_script(text_of(root / script), script.generic_string());
    }
    for (const char* variable : local_variables) {
        search.add_url(environment.value(variable).value_or(""),
                       fmt::format("{} in {}", variable, in_environment));
    }
    for (const char* file : example_files) {
        const auto variables = variables_in(root, file);
        for (const char* variable : local_variables) {
            const auto found = variables.find(variable);
            search.add_url(found == variables.end() ? std::string() : found->second, file);
        }
    }
    search.add(tame_name(root.filename().string()), "this folder's name");
    search.add("app", "no other name");
    repository.name = search.name();
    repository.name_origin = search.origin();
}

} // namespace

Repository look_at_repository(const fs::path& root, const Environment& environment)
{
    Repository repository;
    look_at_compose(repository, root, environment);
    repository.sql = find_sql_files(root);
    const fs::path beside =
        repository.sql.schema.empty() ? fs::path() : repository.sql.schema.front().parent_path();
    if (!beside.empty() && is_there(beside / "queries")) {
        repository.queries = relative_to(root, beside / "queries");
    }
    make_relative(repository.sql, root);
    if (repository.sql.schema.empty()) {
        repository.program = find_schema_program(root);
    }
    repository.scripts = find_scripts(root);
    find_name(repository, root, environment);

    VariableSearch search(root, environment);
    for (const fs::path& script : repository.scripts) {
        search.add_text(script.string(), text_of(root / script));
    }
    repository.local_url = find_url(local_variables, search, environment, OfProd::no);
    repository.prod_url = find_url(prod_variables, search, environment, OfProd::yes);
    repository.aws = search.find_all(aws_variables);
    return repository;
}

} // namespace crudctl::config
