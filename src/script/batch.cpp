#include "script/batch.hpp"

#include <algorithm>

namespace crudctl::script {

const Batch::Part* Batch::part_at(std::size_t byte) const
{
    const auto behind =
        std::upper_bound(parts.begin(), parts.end(), byte,
                         [](std::size_t value, const Part& part) { return value < part.begin; });
    return behind == parts.begin() ? nullptr : &*(behind - 1);
}

const Batch::Part* Batch::part_of(std::size_t completed) const
{
    const bool is_inside =
        completed >= prefix_statements && completed - prefix_statements < parts.size();
    return is_inside ? &parts[completed - prefix_statements] : nullptr;
}

std::optional<Batch> BatchMaker::next(const Prefix& prefix)
{
    Batch batch;
    batch.text = prefix.text;
    batch.prefix_statements = prefix.statements;
    std::size_t bytes = 0;
    for (; m_next < m_file.commands.size(); ++m_next) {
        const Command& command = m_file.commands[m_next];
        if (!command.is_sent) {
            continue;
        }
        const std::size_t size = command.size + (command.copy ? command.copy->size : 0);
        const bool is_full = batch.parts.size() == max_statements || bytes + size > max_bytes;
        if (is_full && !batch.parts.empty()) {
            break;
        }
        add(batch, command);
        bytes += size;
        if (command.changes_reading) {
            ++m_next;
            break;
        }
    }
    const bool is_at_end = m_next == m_file.commands.size();
    batch.file_bytes = is_at_end ? m_file.text.size() : m_file.commands[m_next].begin;
    return batch.parts.empty() ? std::nullopt : std::optional(std::move(batch));
}

void BatchMaker::add(Batch& batch, const Command& command) const
{
    batch.parts.push_back({&command, batch.text.size()});
    batch.text += m_file.text_of(command);
    batch.text += command.has_semicolon ? "\n" : ";\n";
    if (command.copy) {
        batch.copies.push_back(
            std::string_view(m_file.text).substr(command.copy->begin, command.copy->size));
    }
}

std::size_t changed_rows(const Batch& batch, const std::vector<pg::Result>& results)
{
    std::size_t rows = 0;
    std::size_t completed = 0;
    for (const pg::Result& result : results) {
        const std::string tag = result.command_tag();
        if (tag.empty()) {
            continue; // a rule's rows; the statement's own result is still to come
        }
        const std::string verb = tag.substr(0, tag.find(' '));
        const Batch::Part* part = batch.part_of(completed++);
        const bool is_copied_in = verb == "COPY" && part != nullptr && part->command->copy;
        if (verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "MERGE" ||
            is_copied_in) {
            rows += result.affected_rows();
        }
    }
    return rows;
}

} // namespace crudctl::script
