#include "script/script_file.hpp"

#include "script/effect.hpp"
#include "script/file_rules.hpp"
#include "script/scanner.hpp"
#include "script/source_excerpt.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <utility>

namespace crudctl::script {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;
constexpr std::size_t max_file_bytes = std::size_t{2} << 30U; // files are held in memory whole
constexpr std::size_t excerpt_columns = 100;
constexpr std::size_t shown_columns = 60;

/// Takes a scanner's items one by one and makes a ScannedFile's commands of them.
class FileScan {
public:
    FileScan(ScannedFile& file, Backslashes start)
        : m_file(file),
          m_start(start),
          m_current(start),
          m_scanner(ScannerOptions{start}),
          m_rules(file)
    {}

    void run()
    {
        const std::string_view text = m_file.text;
        for (std::size_t at = 0; at < text.size(); at += chunk_bytes) {
            m_scanner.feed(text.substr(at, chunk_bytes));
            take_items();
        }
        m_scanner.finish();
        take_items();
        m_rules.finish();
    }

private:
    void take_items()
    {
        while (const auto item = m_scanner.next()) {
            switch (item->kind) {
            case Item::Kind::statement:
                take_statement(*item);
                break;
            case Item::Kind::meta_command:
                m_rules.take_meta_command(*item);
                break;
            case Item::Kind::copy_data:
                m_file.commands.back().copy->size += item->text.size();
                break;
            case Item::Kind::copy_end:
                break;
            }
        }
    }

    void take_statement(const Item& item)
    {
        const StatementFacts facts = facts_of(item.text, m_current);
        Command command;
        command.begin = item.place.offset;
        command.size = item.text.size();
        command.place = item.place;
        command.number = ++m_file.statements;
        command.has_semicolon = item.has_semicolon;
        command.changes_reading = facts.changes_reading;
        command.backslashes = m_current;
        command.is_sent = m_rules.is_to_be_sent(item, facts);
        if (item.is_copy_from_stdin) {
            command.copy = copy_data_behind(command.begin + command.size, item.place);
        }
        m_file.changes_reading = m_file.changes_reading || facts.changes_reading;
        m_file.commands.push_back(command);
        follow(facts);
    }

    Command::CopyData copy_data_behind(std::size_t end, const Place& place) const
    {
        const std::string_view text = m_file.text;
        const std::size_t begin = std::min(text.find('\n', end), text.size() - 1) + 1;
        const Place data = advanced(place, text.substr(place.offset, begin - place.offset));
        return {begin, 0, data.line};
    }

    void follow(const StatementFacts& facts)
    {
        m_current = facts.resets_backslashes ? m_start : facts.backslashes.value_or(m_current);
        m_scanner.set_backslashes(m_current);
    }

    ScannedFile& m_file;
    Backslashes m_start;
    Backslashes m_current;
    Scanner m_scanner;
    FileRules m_rules;
};

ScannedFile scan(ScriptFile file, std::string text, Backslashes backslashes)
{
    ScannedFile scanned;
    scanned.file = std::move(file);
    scanned.text = std::move(text);
    try {
        FileScan(scanned, backslashes).run();
    } catch (const ScanError& error) {
        throw refusal(scanned, error.place(), error.what(), error.hint());
    }
    return scanned;
}

} // namespace

ScriptFile ScriptFile::below(const std::filesystem::path& root, const std::filesystem::path& path)
{
    const auto relative = path.lexically_relative(root);
    const bool is_below = !relative.empty() && *relative.begin() != "..";
    return {path, (is_below ? relative : path).string()};
}

std::size_t Script::bytes() const
{
    std::size_t sum = 0;
    for (const ScannedFile& file : files) {
        sum += file.text.size();
    }
    return sum;
}

Script read_script(const std::vector<ScriptFile>& files, Backslashes backslashes)
{
    Script script;
    script.backslashes = backslashes;
    for (const ScriptFile& file : files) {
        script.files.push_back(
            scan(file, std::move(read_file(file.path, max_file_bytes).text), backslashes));
    }
    return script;
}

Script read_again(Script script, Backslashes backslashes)
{
    script.backslashes = backslashes;
    for (ScannedFile& file : script.files) {
        file = scan(std::move(file.file), std::move(file.text), backslashes);
    }
    return script;
}

ScriptError refusal(const ScannedFile& file, const Place& place, std::string message,
                    std::string hint, std::string state)
{
    ScriptFailure failure;
    failure.file = file.file.shown;
    failure.place = place;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    failure.source = source_excerpt(file.text, place, excerpt_columns);
    failure.state = std::move(state);
    return {ExitCode::failed, std::move(failure)};
}

FilesEffect effect_of_script(const Script& script)
{
    for (const ScannedFile& file : script.files) {
        for (const Command& command : file.commands) {
            const std::string_view text = file.text_of(command);
            if (command.is_sent && effect_of(text, command.backslashes) == Effect::destroys) {
                const std::string_view line = text.substr(0, text.find('\n'));
                return {true, file.file.shown, command.place,
                        shortened(printable(trimmed(line.substr(0, 4 * shown_columns))),
                                  shown_columns)};
            }
        }
    }
    return {};
}

FilesEffect effect_of_files(const std::vector<ScriptFile>& files)
{
    return effect_of_script(read_script(files));
}

} // namespace crudctl::script
