#include "config/project/name_search.hpp"

#include "config/profile/foreign_url.hpp"
#include "database/name.hpp"
#include "pg/conn_info.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace crudctl::config {

namespace {

bool is_name_character(char c)
{
    return is_letter_or_digit(c) || c == '_' || c == '-';
}

/// The name at the beginning of the text, behind blanks and quotes of any kind; empty for a
/// variable, an option, or IF NOT EXISTS.
std::string leading_name(std::string_view text)
{
    text.remove_prefix(std::min(text.find_first_not_of(" \t\"'`\\"), text.size()));
    const auto end = std::ranges::find_if_not(text, is_name_character);
    const std::string name(text.begin(), end);
    return name.starts_with('-') || equal_ignoring_case(name, "if") ? std::string() : name;
}

std::string created_database(std::string_view text)
{
    constexpr std::array<std::string_view, 2> makers = {"create database", "createdb"};
    const std::string lower = lower_ascii(text);
    for (const std::string_view maker : makers) {
        for (std::size_t at = lower.find(maker); at != std::string::npos;
             at = lower.find(maker, at + 1)) {
            const std::string_view rest = text.substr(at + maker.size());
            const bool is_whole = rest.empty() || !is_name_character(rest.front());
            const std::string name = is_whole ? leading_name(rest) : std::string();
            if (!name.empty() && !database::is_of_server(name)) {
                return name;
            }
        }
    }
    return {};
}

} // namespace

void NameSearch::add(std::string name, std::string origin)
{
    if (m_name.empty() && !name.empty() && !database::is_of_server(name)) {
        m_name = std::move(name);
        m_origin = std::move(origin);
    }
}

void NameSearch::add_url(const std::string& url, std::string origin)
{
    try {
        if (!url.empty()) {
            add(pg::ConnInfo::parse(read_foreign_url(url).text).database(), std::move(origin));
        }
    } catch (const Error&) {
        return; // who uses it says what is wrong with it
    }
}

void NameSearch::add_script(std::string_view text, std::string origin)
{
    add(created_database(text), std::move(origin));
}

std::string tame_name(std::string_view folder)
{
    std::string name = lower_ascii(folder.substr(0, database::longest_name));
    std::ranges::replace_if(
        name, [](char c) { return !is_letter_or_digit(c) && c != '_'; }, '_');
    return name;
}

} // namespace crudctl::config
