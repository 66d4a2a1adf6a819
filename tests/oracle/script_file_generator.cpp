#include "oracle/script_file_generator.hpp"

#include "oracle/split_oracle.hpp"

namespace crudctl::tests {

using script::Item;

ScriptFileGenerator::File ScriptFileGenerator::file()
{
    File file;
    for (std::size_t i = 1 + m_sql.below(6); i > 0; --i) {
        switch (m_sql.below(3)) {
        case 0:
            add_statement(file);
            break;
        case 1:
            add_copy(file);
            break;
        default:
            add_meta_command(file);
            break;
        }
    }
    return file;
}

void ScriptFileGenerator::add_statement(File& file)
{
    const std::string statement = accepted_statement() + ";";
    file.text += statement;
    file.text += m_sql.any({"", " ", "\n", "\r\n\t", "/* ; */", "-- '\n"});
    file.parts.parts.push_back({Item::Kind::statement, statement, {}, true});
}

void ScriptFileGenerator::add_copy(File& file)
{
    const std::string copy(
        m_sql.any({"copy t from stdin;", "COPY \"a;b\" (\"from\", c) FROM stdin;",
                   "copy s.from from stdout with (format csv, delimiter ';');",
                   "copy t from stdin /* ; */ csv\nheader ;", "copy binary t from --\n stdin;"}));
    file.text += copy + std::string(m_sql.any({"", " ", " -- comment; '"}));
    file.text += m_sql.any({"\n", "\r\n"});
    file.parts.parts.push_back({Item::Kind::statement, copy, {}, true, true});
    add_data(file);
}

void ScriptFileGenerator::add_data(File& file)
{
    const std::string inside = data();
    file.text += inside + "\\.";
    file.text += m_sql.any({"\n", "\r\n"});
    if (!inside.empty()) {
        file.parts.parts.push_back({Item::Kind::copy_data, inside, {}});
    }
    file.parts.parts.push_back({Item::Kind::copy_end, "", {}});
}

void ScriptFileGenerator::add_meta_command(File& file)
{
    const bool is_inside = m_sql.one_in(4);
    bool is_copy = false;
    if (is_inside) {
        const std::string begun(m_sql.any({"select 1", "select ('a;' || $$;$$", "copy t from stdin",
                                           "create function f() begin atomic select 1; select 2"}));
        file.text += begun + std::string(m_sql.any({" ", "\n", " /* \\ */ "}));
        file.parts.parts.push_back({Item::Kind::statement, begun, {}, false});
        is_copy = begun.starts_with("copy");
        file.parts.parts.back().is_copy_from_stdin = is_copy;
    }
    const std::string command(
        m_sql.any({"\\set a 'b;", "\\set a '\\\\'", "\\echo \"'$$ /* --", "\\gexec", "\\i x.sql",
                   "\\\\ select 1;", "\\copy t from 'a;b'", "\\.", "\\"}));
    file.text += command + std::string(m_sql.any({"\n", "\r\n", "  \n"}));
    file.parts.parts.push_back({Item::Kind::meta_command, command, {}});
    file.parts.parts.back().is_inside_statement = is_inside;
    if (is_copy) {
        add_data(file);
    }
}

std::string ScriptFileGenerator::accepted_statement()
{
    for (;;) {
        std::string statement = m_sql.statement();
        const bool is_copy = statement.starts_with("copy") || statement.starts_with("COPY");
        if (!is_copy && statements_for_server(statement + ";select 1") == 2) {
            return statement;
        }
    }
}

// Lines of anything but the mark; a newline may well stand before a carriage return.
std::string ScriptFileGenerator::data()
{
    std::string text;
    for (std::size_t i = m_sql.below(8); i > 0; --i) {
        text += m_sql.any({"", "\\N", "\\\\.", "\\.x", " \\.", "\\. ", "x\\.", "\\", "\\.\r\r", ";",
                           "'", "\"", "\\.\t"});
        text += m_sql.one_in(2) ? m_sql.noise() : "";
        text += m_sql.any({"\n", "\n", "\r\n"});
    }
    for (const char* mark : {"\\.\n", "\\.\r\n"}) {
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
            text.insert(at, at == 0 || text[at - 1] == '\n' ? "x" : "");
        }
    }
    return text;
}

} // namespace crudctl::tests
