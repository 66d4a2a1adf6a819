#include "script/effect/role_names.hpp"

#include "script/sql/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr std::array<string_view, 7> role_verbs = {"alter", "create", "drop",    "grant",
                                                   "set",   "revoke", "reassign"};
constexpr std::array<string_view, 3> role_kinds = {"role", "user", "group"};
constexpr std::array<string_view, 5> leading_to_role = {"for", "in", "local", "add", "drop"};
constexpr std::array<string_view, 6> no_roles = {"public",       "current_user", "current_role",
                                                 "session_user", "all",          "none"};

bool is_made(const Words& words)
{
    return words[0].is("create") && words[1].is_one_of(role_kinds);
}

/// GRANT a TO b, which grants membership, has no ON.
bool is_of_members(const Words& words)
{
    return (words[0].is("grant") || words[0].is("revoke")) && !words.has("on");
}

/// Whether roles stand behind a ROLE, USER or GROUP at `at`: what such a statement is about, FOR
/// ROLE of default privileges, IN ROLE and ADMIN of a new one, and its
/// members.
bool is_before_roles(const Words& words, std::size_t at)
{
    const bool is_subject =
        at == 1 && (words[0].is("alter") || words[0].is("drop") || words[0].is("set"));
    return words[at].is_one_of(role_kinds) &&
           (is_subject || words[at - 1].is_one_of(leading_to_role) || (at > 2 && is_made(words)));
}

bool is_before_owners(const Words& words, std::size_t at)
{
    return words[at].is("by") && words[at - 1].is("owned");
}

bool is_before_list(const Words& words, std::size_t at)
{
    const bool gives = words[0].is("grant") || words[0].is("revoke") || words[1].is("policy") ||
                       (words[0].is("alter") && words[1].is("default"));
    return is_before_roles(words, at) || is_before_owners(words, at) ||
           (words[at].is("admin") && is_made(words)) || words[at].is("authorization") ||
           (words[at].is("from") && gives) ||
           (words[at].is("to") && (gives || words[at - 1].is("owner") || words[0].is("reassign")));
}

/// IF EXISTS a, b, GROUP c
void take_list(const Words& words, std::size_t at, std::set<std::string>& roles)
{
    at += words[at].is("if") ? 2 : 0;
    for (;;) {
        at += words[at].is("group") ? 1 : 0;
        if (!words[at].is_name()) {
            return;
        }
        if (!words[at].is_one_of(no_roles)) {
            roles.insert(folded_name(words[at].text));
        }
        if (!words[++at].is_symbol(',')) {
            return;
        }
        ++at;
    }
}

} // namespace

void RoleNames::add(string_view statement, Backslashes backslashes)
{
    if (!begins_with(statement, role_verbs)) {
        return;
    }
    const Words words(statement, backslashes);
    if (is_made(words) && words[2].is_name()) {
        made.insert(folded_name(words[2].text));
    }
    if (is_of_members(words)) {
        const std::size_t option = words.find("for"); // REVOKE ADMIN OPTION FOR
        take_list(words, option < words.size() ? option + 1 : 1, wanted);
    }
    for (std::size_t at = 1; at < words.size(); ++at) {
        if (is_before_list(words, at)) {
            take_list(words, at + 1, wanted);
        }
    }
}

} // namespace crudctl::script
