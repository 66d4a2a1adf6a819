// How fast SQL is read before any of it is sent: the scanner alone, and with what is asked of each
// statement. In bytes a second of processor time.
//
//   cmake --preset release -DCRUDCTL_TESTS=ON && cmake --build --preset release --target scan_bench
//   build/release/tests/scan_bench [file.sql …]

#include "script/effect/effect.hpp"
#include "script/sql/scanner.hpp"
#include "script/sql/statement.hpp"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>

using namespace crudctl::script;

namespace {

constexpr std::size_t file_bytes = std::size_t{32} << 20U;
constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;

template <typename Line>
std::string repeated(std::string text, Line line)
{
    for (std::size_t i = 0; text.size() < file_bytes; ++i) {
        text += line(i);
    }
    return text;
}

std::string inserts()
{
    return repeated("", [](std::size_t i) {
        return fmt::format("INSERT INTO public.messages VALUES ({}, '2024-05-0{} 12:34:56.789+00', "
                           "'Customer {} said: it''s fine, isn''t it? {}', {}.25, true, NULL, "
                           "'{{\"key\": \"value {}\", \"list\": [1, 2, 3]}}');\n",
                           i, i % 9 + 1, i, std::string(i % 120, 'x'), i, i);
    });
}

std::string short_inserts()
{
    return repeated("", [](std::size_t i) {
        return fmt::format("INSERT INTO t (id, name, n) VALUES ({}, 'name {}', {});\n", i, i,
                           i % 7);
    });
}

std::string definitions()
{
    return repeated("", [](std::size_t i) {
        return fmt::format(
            "--\n-- Name: t{0}; Type: TABLE; Schema: public; Owner: postgres\n--\n\n"
            "CREATE TABLE public.t{0} (\n    id bigint NOT NULL,\n    name character varying(64),\n"
            "    created_at timestamp with time zone DEFAULT now() NOT NULL,\n"
            "    state text DEFAULT 'new'::text,\n"
            "    CONSTRAINT state_known CHECK ((state = ANY (ARRAY['new'::text, 'old'::text])))\n"
            ");\n\n\nALTER TABLE public.t{0} OWNER TO postgres;\n\n"
            "CREATE FUNCTION public.f{0}() RETURNS trigger\n    LANGUAGE plpgsql\n    AS "
            "$$\nbegin\n"
            "    new.created_at := now();\n    return new;\nend\n$$;\n\n\n"
            "ALTER TABLE ONLY public.t{0}\n    ADD CONSTRAINT t{0}_pkey PRIMARY KEY (id);\n\n"
            "CREATE INDEX t{0}_name ON public.t{0} USING btree (lower((name)::text));\n\n",
            i);
    });
}

std::string copy_data()
{
    return repeated("COPY public.messages (id, at, body, amount) FROM stdin;\n",
                    [](std::size_t i) {
                        return fmt::format("{}\t2024-05-01 12:34:56\tit's \\\\ {}\t\\N\n", i,
                                           std::string(i % 90, 'y'));
                    }) +
           "\\.\n";
}

struct Counts {
    std::size_t items = 0;
    std::size_t noteworthy = 0; // so that no result is left unused
};

enum class Questions { none, all };

Counts scan(const std::string& text, Questions questions)
{
    Scanner scanner;
    Counts counts;
    const auto take = [&] {
        while (const auto item = scanner.next()) {
            ++counts.items;
            if (questions == Questions::all && item->kind == Item::Kind::statement) {
                counts.noteworthy += facts_of(item->text).control != Control::none ? 1 : 0;
                counts.noteworthy += effect_of(item->text) == Effect::destroys ? 1 : 0;
            }
        }
    };
    for (std::size_t at = 0; at < text.size(); at += chunk_bytes) {
        scanner.feed(std::string_view(text).substr(at, chunk_bytes));
        take();
    }
    scanner.finish();
    take();
    return counts;
}

// The best of several: what disturbs a run only ever makes it slower.
double megabytes_per_second(const std::string& text, Questions questions, Counts& counts)
{
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const std::clock_t started = std::clock();
        counts = scan(text, questions);
        best = std::min(best, static_cast<double>(std::clock() - started) / CLOCKS_PER_SEC);
    }
    return static_cast<double>(text.size()) / 1e6 / best;
}

void measure(const std::string& what, const std::string& text)
{
    Counts counts;
    const double scanned = megabytes_per_second(text, Questions::none, counts);
    const double asked = megabytes_per_second(text, Questions::all, counts);
    fmt::print("{:<16} {:>12.0f} {:>12.0f} {:>10} {:>10}\n", what, scanned, asked, counts.items,
               counts.noteworthy);
}

} // namespace

int main(int argc, char** argv)
{
    fmt::print("{:<16} {:>12} {:>12} {:>10} {:>10}\n", "MB/s", "scan", "with facts", "items",
               "noted");
    if (argc == 1) {
        measure("INSERT", inserts());
        measure("short INSERT", short_inserts());
        measure("definitions", definitions());
        measure("COPY data", copy_data());
    }
    for (int i = 1; i < argc; ++i) {
        std::ifstream file(argv[i], std::ios::binary);
        measure(argv[i], std::string(std::istreambuf_iterator<char>(file), {}));
    }
}
