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
    std::size_t line = 0;
    while (line < text.size()) {
        if (!is_inside_line) {
            std::size_t length = 0;
            const Answer answer = begins_with_mark(text.substr(line), is_last, length);
            if (answer == Answer::yes) {
                return {line, line + length, false};
            }
            if (answer == Answer::unknown) {
                return {line, std::nullopt, false};
            }
        }
        const std::size_t newline = text.find('\n', line);
        if (newline == std::string_view::npos) {
            return {text.size(), std::nullopt, true};
        }
        is_inside_line = false;
        line = newline + 1;
    }
    return {line, std::nullopt, is_inside_line};
}

} // namespace crudctl::script
