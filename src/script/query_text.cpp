#include "script/query_text.hpp"

#include <algorithm>
#include <stdexcept>

namespace crudctl::script {

namespace {

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

} // namespace

std::string with_names(std::string_view query,
                       std::initializer_list<std::pair<std::string_view, std::string_view>> values)
{
    std::string text;
    while (!query.empty()) {
        const std::size_t colon = std::min(query.find(':'), query.size());
        text += query.substr(0, colon);
        query.remove_prefix(colon);
        if (query.starts_with("::")) { // a cast
            text += "::";
            query.remove_prefix(2);
            continue;
        }
        const auto* end = std::find_if_not(query.begin() + (query.empty() ? 0 : 1), query.end(),
                                           is_name_character);
        const std::string_view token =
            query.substr(0, static_cast<std::size_t>(end - query.begin()));
        query.remove_prefix(token.size());
        if (token.size() <= 1) {
            text += token;
            continue;
        }
        const auto* value = std::find_if(values.begin(), values.end(), [&](const auto& pair) {
            return pair.first == token.substr(1);
        });
        if (value == values.end()) {
            throw std::logic_error("no value for " + std::string(token));
        }
        text += value->second;
    }
    return text;
}

} // namespace crudctl::script
