#include "script/copy_data.hpp"

namespace crudctl::script {

namespace {

constexpr std::string_view mark = "\\.";

enum class Answer { no, yes, unknown };

/// Whether `text`, which begins a line, begins with the mark; `end` is then behind its newline.
Answer begins_with_mark(std::string_view text, bool is_last, std::size_t& end)
{
    for (const std::string_view whole : {std::string_view("\\.\n"), std::string_view("\\.\r\n")}) {
        if (text.starts_with(whole)) {
            end = whole.size();
            return Answer::yes;
        }
    }
    if (is_last) {
        end = text.size();
        return text == mark || text == "\\.\r" ? Answer::yes : Answer::no;
    }
    return std::string_view("\\.\r").starts_with(text) ? Answer::unknown : Answer::no;
}

} // namespace

CopyCut cut_copy_data(std::string_view text, bool is_inside_line, bool is_last)
{
    // Backslashes are rarer than lines, as a rule.
    for (std::size_t at = text.find('\\'); at != std::string_view::npos;
         at = text.find('\\', at + 1)) {
        const bool begins_line = at == 0 ? !is_inside_line : text[at - 1] == '\n';
        if (!begins_line) {
            continue;
        }
        std::size_t length = 0;
        switch (begins_with_mark(text.substr(at), is_last, length)) {
        case Answer::yes:
            return {at, at + length, false};
        case Answer::unknown:
            return {at, std::nullopt, false};
        case Answer::no:
            break;
        }
    }
    return {text.size(), std::nullopt, text.empty() ? is_inside_line : text.back() != '\n'};
}

} // namespace crudctl::script
