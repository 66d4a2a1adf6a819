#include "script/load/failure.hpp"

#include "script/csv/file.hpp"
#include "script/reader/script_reader.hpp"
#include "script/sql/odd_string.hpp"
#include "script/sql/secret_finder.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

namespace crudctl::script {

namespace {

constexpr std::size_t most_candidates = 40;
constexpr std::size_t most_recent = 20;
constexpr std::size_t most_of_statement = std::size_t{256} << 10U;
constexpr std::chrono::seconds longest_wait{2};

/// The bytes of a text before the string, name or comment that never ends.
std::size_t whole_bytes(std::string_view text)
{
    Lexer lexer;
    while (lexer.next(text, true) != nullptr) {}
    return lexer.begin();
}

/// Has the server parse statements, many at once.
class SyntaxCheck {
public:
    SyntaxCheck(pg::Connection& connection, std::size_t columns) : m_connection(connection)
    {
        m_context.unit = position_unit(connection.parameter("client_encoding"),
                                       connection.parameter("server_encoding"));
        m_context.columns = columns;
        m_context.state = "nothing was run";
    }

    /// Reads a file up to where it is refused; gives the variables that it leaves.
    Variables read(const SharedSource& file, const ScriptSettings& settings, Variables variables);
    const std::optional<ScriptError>& error() const noexcept { return m_error; }

private:
    /// A statement that is to be parsed.
    struct Candidate {
        Batch::Part part;
        bool is_odd = false;
    };

    bool take(const Piece& piece);
    std::size_t take_last(ScriptReader& reader);
    Batch message() const;
    void parse(std::size_t whole);

    pg::Connection& m_connection;
    FailureContext m_context;
    std::deque<Candidate> m_candidates;
    std::size_t m_recent = 0; // so many of them are not odd
    std::optional<ScriptError> m_error;
};

Variables SyntaxCheck::read(const SharedSource& file, const ScriptSettings& settings,
                            Variables variables)
{
    ScriptReader reader(file, settings, std::move(variables));
    m_context.file = file->shown();
    m_candidates.clear();
    m_recent = 0;
    try {
        while (const auto piece = reader.next()) {
            if (piece->kind == Piece::Kind::statement) {
                take(*piece);
            }
            if (piece->has_copy_data) {
                reader.skip_copy_data();
            }
        }
    } catch (const ScriptError& /*what the files are refused for*/) {
        parse(take_last(reader));
    }
    return reader.variables();
}

/// Gives how much of the last statement is as it was written: what it ends inside of, or lacks
/// where a command has cut it off, is no news.
std::size_t SyntaxCheck::take_last(ScriptReader& reader)
{
    auto open = reader.open_statement();
    if (open) {
        open->text = open->text.substr(0, most_of_statement);
        if (take(*open)) {
            return whole_bytes(open->text);
        }
    }
    return m_candidates.empty() ? 0 : m_candidates.back().part.text.size();
}

/// What looks odd, and what was read last. The server's log shows all that it is given to parse:
/// nothing with a secret is.
bool SyntaxCheck::take(const Piece& piece)
{
    const bool may_hold_secret =
        !piece.expansions.empty() || !SecretFinder(piece.text).ranges().empty();
    if (may_hold_secret || piece.text.size() > most_of_statement ||
        piece.backslashes != Backslashes::literal) {
        return false;
    }
    Candidate candidate;
    candidate.is_odd = odd_string_in(piece.text, piece.backslashes).has_value();
    candidate.part.text = piece.text;
    candidate.part.source = piece.source;
    candidate.part.place = piece.place;
    candidate.part.expansions = piece.expansions;
    candidate.part.number = piece.number;
    candidate.part.verb = piece.facts.verb;
    m_recent += candidate.is_odd ? 0 : 1;
    m_candidates.push_back(std::move(candidate));
    if (m_recent > most_recent) {
        m_candidates.erase(std::ranges::find(m_candidates, false, &Candidate::is_odd));
        --m_recent;
    } else if (m_candidates.size() > most_candidates) {
        m_recent -= m_candidates.front().is_odd ? 0 : 1;
        m_candidates.pop_front();
    }
    return true;
}

/// Of more than one statement none is prepared: the server refuses that, once it has parsed all of
/// them and before it looks anything up.
Batch SyntaxCheck::message() const
{
    Batch batch;
    batch.is_parsed_only = true;
    batch.parts.resize(1);
    batch.parts.front().text = "select;";
    for (const Candidate& candidate : m_candidates) {
        batch.parts.push_back(candidate.part);
    }
    return batch;
}

void SyntaxCheck::parse(std::size_t whole)
{
    if (m_candidates.empty()) {
        return;
    }
    const Batch batch = message();
    const auto [text, begins] = batch.message();
    try {
        m_connection.parse(text, longest_wait);
    } catch (const pg::ServerError& error) {
        const auto position = error.diagnostic().position;
        if (error.sqlstate() != pg::sqlstate::syntax_error || !position) {
            return;
        }
        const std::size_t at = byte_of_position(text, *position, m_context.unit);
        if (at < begins.back() || at - begins.back() < whole) {
            m_error = failure_of_batch(batch, error, m_context);
        }
    }
}

} // namespace

std::optional<ScriptError> syntax_error_in(const std::vector<SharedSource>& files,
                                           const ScriptSettings& settings,
                                           pg::Connection& connection, std::size_t columns)
{
    SyntaxCheck check(connection, columns);
    Variables variables = settings.variables;
    for (const SharedSource& file : files) {
        if (!has_csv_name(file->path())) {
            variables = check.read(file, settings, std::move(variables));
        }
        if (check.error()) {
            break;
        }
    }
    return check.error();
}

} // namespace crudctl::script
