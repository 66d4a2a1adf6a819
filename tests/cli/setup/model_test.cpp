#include "cli/setup/swap_project.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Oids = std::vector<std::string>;

struct Database {
    std::string oid;
    std::string word; // that is written in it, so that it can be told from its copies
    bool is_built = false;
};

/// What must be there.
struct Model {
    std::optional<Database> current;
    std::vector<Database> aside; // oldest first
    std::map<std::string, Database> saved;
    bool may_have_unfinished = false;

    /// The newest three stay, and what crudctl did not build.
    std::vector<Database> pruned() const
    {
        constexpr std::size_t kept = 3;
        std::vector<Database> rest = aside;
        const auto end = rest.end() - static_cast<std::ptrdiff_t>(std::min(kept, rest.size()));
        rest.erase(
            std::remove_if(rest.begin(), end, [](const Database& old) { return old.is_built; }),
            end);
        return rest;
    }
};

Oids oids_of(const std::vector<Database>& databases)
{
    Oids oids;
    for (const Database& database : databases) {
        oids.push_back(database.oid);
    }
    return oids;
}

Oids lines_of(const std::string& text)
{
    Oids lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// Random commands, and after each of them the server is held against the model.
class Walk {
public:
    explicit Walk(unsigned seed) : m_random(seed)
    {
        m_model.current = Database{current_oid(), "", false};
        write_word();
    }

    void step()
    {
        static const std::vector<void (Walk::*)()> commands = {
            &Walk::create, &Walk::setup, &Walk::setup,      &Walk::seed, &Walk::drop,
            &Walk::purge,  &Walk::undo,  &Walk::undo_saved, &Walk::save, &Walk::killed_setup};
        (this->*commands[below(commands.size())])();
        compare();
    }

private:
    void create()
    {
        expect({"create"}, 0);
        if (!m_model.current) {
            m_model.current = Database{current_oid(), "", false};
            write_word();
        }
    }

    void setup()
    {
        expect({"setup"}, 0);
        if (m_model.current) { // or it only adds
            set_aside();
            m_model.aside = m_model.pruned();
        }
        m_model.current = Database{current_oid(), "", true};
        m_model.may_have_unfinished = false;
        CHECK(m_fixture.state() == SwapProject::whole_new);
        write_word();
    }

    /// Fails where there is nothing to seed or the rows are there already; moves nothing anyway.
    void seed() { run({"seed"}); }

    void drop()
    {
        expect({"drop"}, 0);
        if (m_model.current) {
            set_aside();
            m_model.aside = m_model.pruned();
            m_model.may_have_unfinished = false;
        }
    }

    void purge()
    {
        if (below(4) == 0) { // or little would ever be set aside
            expect({"drop", "--purge", "--confirm", m_fixture.database.name() + "@local"}, 0);
            m_model.may_have_unfinished = m_model.may_have_unfinished && !m_model.current;
            m_model.current.reset();
        }
    }

    void undo()
    {
        if (m_model.aside.empty()) {
            expect({"undo"}, 5);
            return;
        }
        expect({"undo"}, 0);
        const Database newest = m_model.aside.back();
        m_model.aside.pop_back();
        set_aside();
        m_model.current = newest;
        m_model.may_have_unfinished = false;
    }

    void undo_saved()
    {
        const std::string label = any_label();
        const auto copy = m_model.saved.find(label);
        if (copy == m_model.saved.end()) {
            expect({"undo", label}, 2);
            return;
        }
        expect({"undo", label}, 0);
        set_aside();
        m_model.current = copy->second;
        CHECK(word() == copy->second.word);
        m_model.current->oid = current_oid();
        m_model.may_have_unfinished = false;
        write_word();
    }

    void save()
    {
        const std::string label = any_label();
        if (!m_model.current) {
            expect({"save", label}, 4);
        } else if (m_model.saved.contains(label)) {
            expect({"save", label}, 5);
        } else {
            expect({"save", label}, 0);
            Database copy = *m_model.current;
            copy.oid = m_fixture.ask_server(
                fmt::format("select oid from pg_database where datname = '{}__saved_{}'",
                            m_fixture.database.name(), label));
            m_model.saved.emplace(label, copy);
            m_model.may_have_unfinished = false;
        }
    }

    /// Killed at some message: nothing happened, or all, or all but what was to be pruned.
    void killed_setup()
    {
        constexpr unsigned messages = 38; // that a setup sends, and one or two more
        std::atomic<pid_t> id = 0;
        Proxy::Options options;
        options.cut =
            Cut{Cut::Way::to_server, static_cast<int>(below(messages)) + 1, Cut::Moment::after};
        options.instead_of_cutting = [&] {
            while (id == 0) {
                std::this_thread::yield();
            }
            ::kill(id, SIGKILL);
        };
        m_story += fmt::format(" setup-killed-at-{}", options.cut->message);
        m_fixture.run({"setup"}, options, [&](pid_t started) { id = started; });
        m_model.may_have_unfinished = true;
        const std::string oid = current_oid();
        if (oid == (m_model.current ? m_model.current->oid : "")) {
            return;
        }
        set_aside();
        adopt_pruned();
        m_model.current = Database{oid, "", true};
        CHECK(m_fixture.state() == SwapProject::whole_new);
        write_word();
    }

    /// Of what was to be pruned, any may have gone; of the rest, none.
    void adopt_pruned()
    {
        const Oids real = aside_oids();
        const Oids must_stay = oids_of(m_model.pruned());
        for (const std::string& oid : must_stay) {
            CHECK(std::ranges::find(real, oid) != real.end());
        }
        std::erase_if(m_model.aside, [&](const Database& old) {
            return std::ranges::find(real, old.oid) == real.end();
        });
    }

    void set_aside()
    {
        if (m_model.current) {
            m_model.aside.push_back(*m_model.current);
            m_model.current.reset();
        }
    }

    void compare()
    {
        INFO(m_story);
        CHECK(current_oid() == (m_model.current ? m_model.current->oid : ""));
        if (m_model.current) {
            CHECK(word() == m_model.current->word);
        }
        CHECK(aside_oids() == oids_of(m_model.aside));
        Oids saved;
        for (const auto& [label, copy] : m_model.saved) {
            saved.push_back(copy.oid);
        }
        CHECK(oids_where("datname ~ '__saved_'", "datname") == saved);
        if (!m_model.may_have_unfinished) {
            CHECK(oids_where("datname ~ '__next_'", "datname").empty());
        }
    }

    CliResult run(const std::vector<std::string>& arguments)
    {
        for (const std::string& argument : arguments) {
            m_story += ' ' + argument;
        }
        m_story += ';';
        return m_fixture.run_directly(arguments);
    }

    void expect(const std::vector<std::string>& arguments, int exit_code)
    {
        const CliResult result = run(arguments);
        INFO(m_story << '\n' << result.err);
        REQUIRE(result.exit_code == exit_code);
        CHECK_FALSE(contains(result.err, "everything is done but the clearing up"));
    }

    std::string current_oid() const
    {
        const Oids oids =
            oids_where(fmt::format("datname = '{}'", m_fixture.database.name()), "datname");
        return oids.empty() ? "" : oids.front();
    }
    /// By when they were set aside, as their comments tell.
    Oids aside_oids() const
    {
        return oids_where("datname ~ '__prev_'", "substring(shobj_description(oid, 'pg_database') "
                                                 "from '\"at\":\"([^\"]*)\",\"by\":\"[a-z]+\"')");
    }
    Oids oids_where(const std::string& condition, const std::string& order) const
    {
        const std::string oids = m_fixture.ask_server(fmt::format(
            "select string_agg(oid::text, e'\\n' order by {} collate \"C\") from pg_database "
            "where starts_with(datname, '{}') and {}",
            order, m_fixture.database.name(), condition));
        return oids == "null" ? Oids() : lines_of(oids);
    }

    void write_word()
    {
        m_model.current->word = std::to_string(++m_words);
        pg::Connection(m_fixture.database.info())
            .exec_script(fmt::format("create table if not exists note (word text); truncate note;"
                                     "insert into note values ('{}')",
                                     m_model.current->word));
    }
    std::string word() const { return m_fixture.ask("select word from note"); }

    std::string any_label() { return std::string(1, static_cast<char>('a' + below(4))); }
    std::size_t below(std::size_t end)
    {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(m_random);
    }

    SwapProject m_fixture;
    Model m_model;
    std::mt19937 m_random;
    std::string m_story;
    int m_words = 0;
};

unsigned seed_of_this_run()
{
    const char* chosen = std::getenv("CRUDCTL_MODEL_SEED");
    return chosen != nullptr ? static_cast<unsigned>(std::stoul(chosen)) : std::random_device()();
}

} // namespace

TEST_CASE("whatever the order of the commands, what was there is there or was set aside")
{
    const unsigned seed = seed_of_this_run();
    const int steps = is_nightly() ? 2000 : 120;
    INFO("CRUDCTL_MODEL_SEED=" << seed << " repeats it");
    Walk walk(seed);
    for (int i = 0; i < steps; ++i) {
        walk.step();
    }
    WARN(fmt::format("{} commands, seed {}", steps, seed));
}
