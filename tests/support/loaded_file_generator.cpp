#include "support/loaded_file_generator.hpp"

#include <fmt/format.h>

namespace crudctl::tests {

namespace {

constexpr std::size_t most_parts = 12;

std::string replaced(std::string text, std::string_view part, std::string_view by)
{
    for (std::size_t at = text.find(part); at != std::string::npos;
         at = text.find(part, at + by.size())) {
        text.replace(at, part.size(), by);
    }
    return text;
}

std::string doubled(std::string text, std::string_view character)
{
    return replaced(std::move(text), character, fmt::format("{0}{0}", character));
}

} // namespace

std::string LoadedFileGenerator::file()
{
    m_names = 0;
    const std::size_t parts = 1 + m_sql.below(most_parts);
    const std::size_t wrong = m_sql.one_in(2) ? m_sql.below(parts) : parts;
    std::string text;
    for (std::size_t i = 0; i < parts; ++i) {
        text += (i == wrong ? mistake() : good_part()) + gap();
    }
    return text;
}

std::string LoadedFileGenerator::good_part()
{
    switch (m_sql.below(8)) {
    case 0:
        return table();
    case 1:
        return routine();
    case 2:
        return copy();
    case 3:
        return command();
    case 4:
        return strings_with_backslashes();
    default:
        return insert();
    }
}

std::string LoadedFileGenerator::insert()
{
    return fmt::format("insert into r (t, u){}values ({},{}{});", gap(), literal(), gap(),
                       literal());
}

std::string LoadedFileGenerator::table()
{
    const std::string name = next_name("t");
    std::string text = fmt::format("create table {} (id int primary key,{}v text default {});",
                                   name, gap(), literal());
    text += fmt::format("create index on {0} (v);{1}insert into {0} (id) values (1), (2);", name,
                        gap());
    if (m_sql.one_in(2)) {
        text += fmt::format("create view {0}_v as select id, {1} as w from {0};", name, literal());
    }
    if (m_sql.one_in(2)) {
        text += fmt::format("create rule also as on insert to {0} do also (insert into r (t) "
                            "values ({1}); insert into r (t) values ('b;'));{2}insert into {0} "
                            "values (3, ';');",
                            name, literal(), gap());
    }
    return text;
}

/// COPYs share a message, whose text is not psql's.
std::string LoadedFileGenerator::routine()
{
    const std::string name = next_name("f");
    switch (m_sql.below(3)) {
    case 0:
        return fmt::format("create function {0}() returns int language sql begin atomic select 1;"
                           "{1}select case when true then 2 end; end;select {0}();",
                           name, gap());
    case 1:
        return fmt::format("create function {0}() returns trigger language plpgsql as $f$ begin"
                           "{1}if current_query() !~* 'copy' then new.u := current_query(); end if;"
                           "return new; end $f$;create trigger {0} before insert on r for each row "
                           "execute function {0}();",
                           name, gap());
    default:
        return fmt::format("do $d$ begin{}insert into r (t) values ('do; ''it'''); end $d$;",
                           gap());
    }
}

std::string LoadedFileGenerator::copy()
{
    std::string text(
        m_sql.any({"copy r (t) from stdin;\n", "COPY r(t) FROM STDIN ;\n",
                   "select 1;\\copy r (t) from stdin\n", "copy r (t, u) from stdin csv;\n"}));
    const bool is_csv = text.find("csv") != std::string::npos;
    for (std::size_t i = m_sql.below(4); i > 0; --i) {
        text += is_csv ? m_sql.any({"a,b\n", "\"x;\ny\",'\n", "\"q\"\"\",\n"})
                       : m_sql.any({"plain\n", "\\N\n", "it's; -- no\n", "tab\\t\\\\\n", "\n"});
    }
    return text + "\\.\n";
}

/// psql sends a comment before a command of its own with the next statement, crudctl doesn't.
std::string LoadedFileGenerator::command()
{
    return "select 1;" +
           std::string(m_sql.any(
               {"\n\\set v 'it''s; $$'\ninsert into r (t) values (:'v');",
                "\n\\set w 4 + 4\ninsert into r (n) values (:w);", "\n\\echo 'said; '\n",
                "\n\\d r\n",
                "\n\\set name 'odd \"name'\ncreate table if not exists :\"name\" (a int);",
                "\nselect t from r \\g\n", "\nselect count(*) from r;",
                "\n\\unset v\nselect ':v', $$:v$$;", "\n\\x\n", "\nset search_path to public;",
                "\nsavepoint s;rollback to s;release s;"}));
}

/// psql looks at the setting where a line begins.
std::string LoadedFileGenerator::strings_with_backslashes()
{
    return "set standard_conforming_strings = off;\nset escape_string_warning = off;" + gap() +
           "insert into r (t) values ('it\\'s; \\\\'), (e'\\'');" + gap() +
           "set standard_conforming_strings = on;\ninsert into r (t) values ('back\\');";
}

std::string LoadedFileGenerator::mistake()
{
    return std::string(m_sql.any(
               {"insert into missing values (1);", "select 1/0;",
                "create table once (id int primary key);insert into once values (1), (1);",
                "insert into r (t) values ('O'Brien');", "insert into r (t) values ('it\\'s');",
                "insert into r (t) values ('abc);", "insert into r (t) values (\"abc);",
                "create table broken (id int;", "selct 1;", "copy r (n) from stdin;\nx\n\\.\n",
                "create function open() returns int language sql as $$ select 1;",
                "insert into r (t) values ('it's');", "select $1;", "select currval('none');",
                "create function bad() returns int language plpgsql as $$ begin selct; end $$;",
                "select (1;", "set no_such_setting = 1;", "select 'a' 'b';"})) +
           "\n";
}

std::string LoadedFileGenerator::literal()
{
    const std::string inside = m_sql.noise();
    switch (m_sql.below(4)) {
    case 0:
        return fmt::format("e'{}'", doubled(doubled(inside, "\\"), "'"));
    case 1:
        return fmt::format("$q$;{}$q$", replaced(inside, "$q$", ""));
    case 2:
        return fmt::format("'first{}'\n  '{}'", doubled(inside, "'"), "second;");
    default:
        return fmt::format("'{}'", doubled(inside, "'"));
    }
}

std::string LoadedFileGenerator::gap()
{
    return std::string(m_sql.any(
        {" ", "\n", "\r\n", "\n\n", " /* ; ' */ ", " -- it's;\n", "/* /* \" */ $$ */\n", "\t"}));
}

std::string LoadedFileGenerator::next_name(std::string_view kind)
{
    return fmt::format("{}{}", kind, ++m_names);
}

} // namespace crudctl::tests
