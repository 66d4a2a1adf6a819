#include "script/effect/run_memory.hpp"

#include "script/effect/known_names.hpp"
#include "script/sql/character_class.hpp"

#include <algorithm>
#include <string_view>

namespace crudctl::script {

namespace {

// No name has it.
constexpr char between_parts = '\x1f';

constexpr std::string_view path_setting = "search_path";

std::string key_of(RunMemory::Kind kind, const WrittenName& name, const std::string& signature)
{
    std::string key = name.is_qualified() ? "q" : "u";
    key += std::to_string(static_cast<int>(kind));
    for (const std::string& part : name.parts) {
        key += between_parts + part;
    }
    return key + between_parts + between_parts + signature;
}

} // namespace

void RunMemory::note_made(Kind kind, const WrittenName& name, const std::string& signature)
{
    m_made.insert(key_of(kind, name, signature));
}

bool RunMemory::has_made(Kind kind, const WrittenName& name, const std::string& signature) const
{
    return m_made.contains(key_of(kind, name, signature));
}

void RunMemory::note_extension(const std::string& name, const std::string& schema)
{
    if (schema.empty()) { // elsewhere another function of the name may be found before its own
        m_extensions.insert(name);
    }
    m_extension_paths.insert(schema + "." + name);
}

bool RunMemory::is_safe_call(const std::string& schema, const std::string& name) const
{
    const std::string_view extension = generator_extension(name);
    if (schema.empty()) {
        const bool is_made = m_functions.contains(name);
        return !is_made && ((m_is_catalog_first && is_safe_function(name)) ||
                            m_extensions.contains(std::string(extension)));
    }
    return schema == "pg_catalog"
               ? is_safe_function(name)
               : !m_functions.contains(name) &&
                     m_extension_paths.contains(schema + "." + std::string(extension));
}

void RunMemory::forget_unqualified()
{
    std::erase_if(m_made, [](const std::string& key) { return key.front() == 'u'; });
}

void RunMemory::note_search_path(const Words& statement)
{
    forget_unqualified();
    m_has_path = true;
    std::string text;
    for (const Word& word : statement) {
        text += lower_ascii(word.text) + " ";
    }
    const std::size_t path = text.find(path_setting);
    if (path == std::string::npos) { // set_config(…) of what isn't written there may be anything
        m_is_catalog_first = m_is_catalog_first && text.find("set_config") == std::string::npos;
        return;
    }
    const std::size_t value = path + path_setting.size();
    const std::size_t catalog = text.find("pg_catalog", value);
    std::string before = catalog == std::string::npos ? "" : text.substr(value, catalog - value);
    if (before.starts_with(" to ")) {
        before.erase(0, 4);
    }
    m_is_catalog_first = std::ranges::none_of(before, starts_name);
}

void RunMemory::note_commit()
{
    if (m_has_path) {
        forget_unqualified();
    }
}

void RunMemory::begin_file()
{
    if (m_has_path) {
        forget_unqualified();
    }
    m_has_path = false;
    m_is_catalog_first = true;
}

} // namespace crudctl::script
