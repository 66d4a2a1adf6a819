#include "script/reader/script_file.hpp"
#include "script/source/source_excerpt.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>

using namespace crudctl::script;
using namespace crudctl::tests;

TEST_CASE("secrets in SQL are masked, however they are written")
{
    for (const char* sql :
         {"create role a login password 'hunter2'",
          "CREATE USER a ENCRYPTED PASSWORD 'hunter2' VALID UNTIL 'x'",
          "alter role a password\n  -- the new one\n 'hunter2';",
          "alter role a password /* it's */ 'hunter2'",
          "alter role a PassWord E'hunter\\'2'",
          "alter role a password U&'hunter2'",
          "alter role a password $$hunter2$$",
          "alter role a password $x$ hunter2 $ $x$",
          "alter role a password 'it''s hunter2'",
          "alter role a password 'first\nhunter2\nlast'",
          "alter role a password 'a'\n  'hunter2'",
          "alter role a pasword 'hunter2'",
          "alter role a password ',hunter2'",
          "create user mapping for a server b options (user 'c', password 'hunter2')",
          "alter user mapping for a server b options (set \"password\" 'hunter2')",
          "create server a foreign data wrapper b options (api_key 'hunter2', host 'c')",
          "create subscription a connection 'host=b password=hunter2 user=c' publication d",
          "alter subscription a connection 'host=b password = hunter2'",
          "create subscription a connection 'host=b sslpassword=''hunter2 x'' user=c' publication "
          "d",
          "select dblink_connect('a', 'host=b password=hunter2')",
          "select dblink_connect('host=b password=hun''ter2')",
          "select dblink_connect('postgres://a:hunter2@b/c')",
          "select dblink('postgresql://a:hun@ter2/hunter2@b', 'select 1')",
          "select dblink_connect('postgres://b/c?user=a&password=hunter2')",
          "do $$begin execute 'alter role a password ''hunter2'''; end$$",
          "select crypt('hunter2', gen_salt('bf'))",
          "insert into a (b) values (pgp_sym_encrypt('x', 'hunter2'))",
          "select encrypt(convert_to('x', 'UTF8'), convert_to('hunter2', 'UTF8'), 'aes')",
          "insert into users (name, password) values ('ann', 'hunter2')",
          "insert into users (\"api_key\", name)\n  values ('hunter2', 'ann')",
          "select vault.create_secret('hunter2', 'name')",
          "select aws_commons.create_aws_credentials('a', 'hunter2', '')",
          "select http_post('https://b', '{}', 'Authorization: Bearer abc.hunter2')",
          "select http_header('Authorization', 'hunter2')",
          "update users set password = md5('hunter2') where id = 1",
          "insert into a values ('{\"password\": \"hunter2\"}')",
          "do 'begin execute ''alter role a password ''''hunter2''''''; end'",
          "do $$begin execute format('alter role a password %L', 'hunter2'); end$$",
          "do $$begin execute 'alter role a password ' || quote_literal('hunter2'); end$$",
          "create role a password 'my_secret'; alter role b password 'hunter2';",
          "create role a password'hunter2'",
          "select jsonb_build_object('password', 'hunter2')",
          "select set_config('app.password', 'hunter2', false)",
          "set app.secret = 'hunter2'",
          "\\set pw 'hunter2'\nselect 1",
          "\\set admin_password hunter2",
          "\\set API_TOKEN hunter2",
          "\\set x 'hunter2'\nalter role a password :'x'",
          "\\set x hunter2\nalter role a password :x",
          "alter role a password \"hunter2\"",
          "alter role a password hunter2",
          "alter role a with login password hunter2;",
          "/* -- x */ create role a identified by 'hunter2'",
          "create /* /* x */ */ role a identified by 'hunter2'",
          "select dblink_connect('host=h password=' || 'hunter2')",
          "select dblink_connect(concat('host=h password=', 'hunter2'))",
          "select dblink_connect(format('host=h password=%s', 'hunter2'))",
          "\\set x hunter2\nselect dblink_connect('host=h password=' || :'x')",
          "do $$ declare pw text := 'hunter2'; begin execute format('alter role r password %L', "
          "pw);"
          " end $$",
          "do 'begin perform dblink_connect(''host=h password='' || ''hunter2''); end'",
          "\\setenv PGPASSWORD hunter2",
          "\\c postgresql://u:hunter2@h/d",
          "\\! PGPASSWORD=hunter2 psql",
          "select http_header('Proxy', 'Basic YW5uOmhunter2')",
          "do $$ declare v_password text := 'hunter2'; begin end $$",
          "do $$ declare app_pwd constant character varying(20) := 'hunter2'; begin end $$",
          "update users set (id, password) = (1, 'hunter2')",
          "update users set (password, id)=('hunter2', 1) where id = 2",
          "Key (id, password)=(1, hunter2) already exists.",
          "Key (password)=(hunter2) is not present in table \"users\".",
          "role a password 'hunter2",
          "alter role a password 'hunter2"}) {
        const std::string masked = masked_sql(sql);
        CAPTURE(sql, masked);
        CHECK(masked.find("hunter") == std::string::npos);
        CHECK(masked.find("ter2") == std::string::npos);
        CHECK(masked.find("…") != std::string::npos);
    }
}

TEST_CASE("what is no secret stays as it is")
{
    for (const char* sql :
         {"create table users (id int, password text not null, name text default 'x')",
          "insert into users (email, password_hash) values ('a', 'b')",
          "insert into users (id, kind) values (1, 'the bearer of bad news')",
          "select secretary('visible') -- insert a bearer",
          "select 'it''s', password from users where name = 'x'", "alter role a password null",
          "insert into a values ('the secret', 'b'), ('a token', 'password')",
          "create table role (a text default 'user')", "comment on table a is 'x'",
          "select 'http://host/path' from a where b = 'c'", "\\set author 'brown'", "\\echo 'x'",
          "select crypt(password, gen_salt('bf')) from users",
          "create function a(password text, b text) returns text language sql as 'select 1'",
          "select * from users where (id, password) in (select 1, 'x')",
          "Key (id)=(1) already exists.", ""}) {
        CAPTURE(sql);
        CHECK(masked_sql(sql) == sql);
    }
    CHECK(masked_sql("create role a password 'x' login; select 'y';") ==
          "create role a password '…' login; select 'y';");
    CHECK(masked_sql("insert into u (password, kind) values ('x', 'users'), (md5('y'), 'z')") ==
          "insert into u (password, kind) values ('…', 'users'), (md5('…'), 'z')");
    CHECK(masked_sql("create role a password 'my_secret'; select 'y';") ==
          "create role a password '…'; select 'y';");
    CHECK(masked_sql("select dblink_connect('host=b password=x user=c')") ==
          "select dblink_connect('host=b password=… user=c')");
    CHECK(masked_sql("select 'postgres://a:x@b/c'") == "select 'postgres://a:…@b/c'");
}

TEST_CASE("an excerpt shows no secret, neither in the line nor beside it")
{
    const std::string text = "create table a ();\ncreate role b password 'hunter2' bogus;\n"
                             "select 1;\nalter role b password 'first\nsecond\nthird'; nope;\n";
    const auto excerpt_at = [&](const char* word) {
        const std::size_t at = text.find(word);
        std::string excerpt;
        for (const std::string& line :
             source_excerpt(text, advanced({}, std::string_view(text).substr(0, at)), 80)) {
            excerpt += line + "\n";
        }
        return excerpt;
    };
    CHECK(excerpt_at("bogus") == "  1 | create table a ();\n"
                                 "  2 | create role b password '…' bogus;\n"
                                 "    |                            ^\n"
                                 "  3 | select 1;\n");
    CHECK(excerpt_at("nope") == "  5 | …\n"
                                "  6 | …; nope;\n"
                                "    |    ^\n");
    for (const char* word :
         {"select", "create table", "'hunter2", "unter2", "first", "second", "third", "'; nope"}) {
        const std::string excerpt = excerpt_at(word);
        CAPTURE(word, excerpt);
        for (const char* secret : {"unter", "irst", "econd", "hird"}) {
            CHECK(excerpt.find(secret) == std::string::npos);
        }
    }
}

TEST_CASE("what the server says of a statement repeats none of its secrets")
{
    const SqlSecrets secrets(
        "create role a password 'hunter2' 'oops'; alter role b password 'it''s "
        "it';");
    CHECK(secrets.masked("syntax error at or near \"'oops'\"") ==
          "syntax error at or near \"'…'\"");
    CHECK(secrets.masked("hunter2 is a bad password") == "… is a bad password");
    CHECK(secrets.masked("it's it") == "…");
    CHECK(secrets.masked("SQL statement \"alter role c password 'other'\"") ==
          "SQL statement \"alter role c password '…'\"");
}

TEST_CASE("a plan's line has no secret")
{
    const TempFolder folder;
    const ScriptFile file{folder.write("a.sql", "\\set x 'hunter2'\nalter role a password :'x';\n"),
                          "a.sql"};
    const FilesEffect effect = read_script({file}).effect;
    REQUIRE(effect.destroying);
    CHECK(effect.destroying->text == "alter role a password '…';");
}

TEST_CASE("what libpq takes of a URL's password for the host's name is masked, too")
{
    const SqlSecrets secrets("select dblink_connect('postgresql://u:p@ss@w0rd@h/d')");
    CHECK(secrets.masked("could not translate host name \"ss@w0rd@h\" to address") ==
          "could not translate host name \"…h\" to address");
    CHECK(secrets.masked("\"w0rd@h\"") == "\"…h\"");
}
