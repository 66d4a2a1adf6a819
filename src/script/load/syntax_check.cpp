#include "script/load/failure.hpp"

#include "script/csv/file.hpp"
#include "script/reader/script_reader.hpp"

#include <utility>

namespace crudctl::script {

namespace {

constexpr std::size_t most_bytes = std::size_t{64} << 20U;
constexpr std::size_t most_of_open_statement = std::size_t{1} << 20U;

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
    void take(const Piece& piece);
    void take_open(Piece piece);
    void begin();
    void parse(const Variables& variables);
    bool has_room(const Piece& piece) const
    {
        return !m_error && m_bytes + piece.text.size() <= most_bytes &&
               piece.backslashes == Backslashes::literal; // as our session reads them
    }

    pg::Connection& m_connection;
    FailureContext m_context;
    Batch m_batch;
    std::size_t m_bytes = 0; // of all batches
    /// Behind that byte of the message its text is not as it was written.
    std::size_t m_trusted_end = Lexer::npos;
    std::optional<ScriptError> m_error;
};

Variables SyntaxCheck::read(const SharedSource& file, const ScriptSettings& settings,
                            Variables variables)
{
    ScriptReader reader(file, settings, std::move(variables));
    m_context.file = file->shown();
    begin();
    try {
        while (const auto piece = reader.next()) {
            if (piece->kind == Piece::Kind::statement && has_room(*piece)) {
                take(*piece);
            }
            if (m_batch.bytes() >= BatchMaker::max_bytes) {
                parse(reader.variables());
                begin();
            }
            if (piece->has_copy_data) {
                reader.skip_copy_data();
            }
        }
    } catch (const ScriptError& /*what the files are refused for*/) {
        if (auto piece = reader.open_statement(); piece && has_room(*piece)) {
            take_open(std::move(*piece));
        } else {
            m_trusted_end = m_batch.message().text.size(); // a command may have cut off the last
        }
    }
    parse(reader.variables());
    return reader.variables();
}

/// Of more than one statement none is prepared: the server refuses that, once it has parsed all of
/// them and before it looks anything up.
void SyntaxCheck::begin()
{
    m_batch = {};
    m_batch.is_parsed_only = true;
    Batch::Part first;
    first.text = "select;";
    m_batch.parts.push_back(std::move(first));
    m_trusted_end = Lexer::npos;
}

void SyntaxCheck::take(const Piece& piece)
{
    Batch::Part part;
    part.text = piece.text;
    part.source = piece.source;
    part.place = piece.place;
    part.expansions = piece.expansions;
    part.number = piece.number;
    part.verb = piece.facts.verb;
    m_bytes += part.text.size();
    m_batch.parts.push_back(std::move(part));
}

/// It ends inside something, or is cut off: what is wrong there is no news.
void SyntaxCheck::take_open(Piece piece)
{
    piece.text = piece.text.substr(0, most_of_open_statement);
    take(piece);
    Lexer lexer;
    while (lexer.next(piece.text, true) != nullptr) {}
    m_trusted_end = m_batch.message().begins.back() + lexer.begin();
}

void SyntaxCheck::parse(const Variables& variables)
{
    if (m_error || m_batch.parts.size() == 1) {
        return;
    }
    const std::string text = m_batch.message().text;
    try {
        m_connection.describe(text);
    } catch (const pg::ServerError& error) {
        const auto position = error.diagnostic().position;
        if (error.sqlstate() == pg::sqlstate::syntax_error && position &&
            byte_of_position(text, *position, m_context.unit) < m_trusted_end) {
            m_context.secrets = variables.secret_values();
            m_error = failure_of_batch(m_batch, error, m_context);
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
