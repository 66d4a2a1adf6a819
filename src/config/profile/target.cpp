#include "config/profile/target.hpp"

#include "config/profile/connection_defaults.hpp"
#include "config/profile/foreign_url.hpp"
#include "config/profile/profile.hpp"
#include "support/error.hpp"

#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

/// Runs `read` and puts the place in front of what it throws.
template <typename Read>
pg::ConnInfo placed(const std::string& place, Read read)
{
    try {
        return read();
    } catch (const Error& error) {
        throw Error(error.code(), fmt::format("{}: {}", place, error.what()), error.hint());
    }
}

[[noreturn]] void refuse_contradiction(std::string_view keyword)
{
    throw Error(ExitCode::configuration,
                fmt::format("\"{}\" says otherwise than the profile's url", keyword),
                "say it in one of the two only");
}

pg::ConnInfo with_secret_key(const pg::ConnInfo& info, std::string_view keyword, const Text& value)
{
    if (keyword != "password") {
        return info.with(keyword, value.text);
    }
    if (!info.password().empty() && info.password().reveal() != value.text) {
        refuse_contradiction(keyword);
    }
    return info.with_password(Secret(value.text));
}

/// The value as libpq is to get it.
std::string keyword_value(const Setting& setting, const Text& value, const Values& values,
                          const std::filesystem::path& root)
{
    const bool is_system = last_part(setting.key) == "sslrootcert" && value.text == "system";
    return setting.kind == Kind::path && !is_system
               ? resolved_path(value.text, root, values.variables()).string()
               : value.text;
}

pg::ConnInfo with_key(const pg::ConnInfo& info, const Setting& setting, const Text& value,
                      const std::string& keyword_text)
{
    const std::string_view keyword = last_part(setting.key);
    if (setting.kind == Kind::secret) {
        return with_secret_key(info, keyword, value);
    }
    if (info.value(keyword).value_or(keyword_text) != keyword_text) {
        refuse_contradiction(keyword);
    }
    return info.with(keyword, keyword_text);
}

/// Where Prisma's DATABASE_URL leads through a pooler, its DIRECT_URL leads to the same database.
ForeignUrl direct_url(ForeignUrl url, const Text& text, const Values& values, Target& target)
{
    const auto direct = values.variables().find("DIRECT_URL");
    if (!url.is_pooled || !direct || !text.origin.starts_with("DATABASE_URL")) {
        return url;
    }
    ForeignUrl other = read_foreign_url(direct->value);
    if (pg::ConnInfo::parse(other.text).database() != pg::ConnInfo::parse(url.text).database()) {
        return url;
    }
    target.origin = direct->origin;
    target.notes.emplace_back("DIRECT_URL is used: DATABASE_URL leads through a pooler");
    return other;
}

pg::ConnInfo parse_url(const Text& text, const Values& values, Target& target)
{
    const ForeignUrl url = direct_url(read_foreign_url(text.text), text, values, target);
    if (!url.left_out.empty()) {
        target.notes.push_back(fmt::format("left out of {}, since it says nothing to Postgres: {}",
                                           text.origin, fmt::join(url.left_out, ", ")));
    }
    const pg::ConnInfo info = pg::ConnInfo::parse(url.text);
    return url.search_path.empty() || url.search_path == "public" || info.value("options")
               ? info
               : info.with("options", search_path_option(url.search_path));
}

void read_url(const std::string& prefix, const Values& values, Target& target)
{
    if (const auto url = values.text(prefix + "url")) {
        target.origin = url->origin;
        target.conn_info = placed(url->place, [&] { return parse_url(*url, values, target); });
        target.names_server = true;
    }
}

void read_keys(const std::string& prefix, const Values& values, const std::filesystem::path& root,
               Target& target)
{
    for (const Setting& setting : setting_table()) {
        if (!is_connection_keyword(setting)) {
            continue;
        }
        const std::string_view keyword = last_part(setting.key);
        const auto value = values.text(prefix + std::string(keyword));
        if (!value) {
            continue;
        }
        const std::string text = keyword_value(setting, *value, values, root);
        target.conn_info =
            placed(value->place, [&] { return with_key(target.conn_info, setting, *value, text); });
        target.has_keys = true;
        target.names_server = target.names_server || keyword == "service" || keyword == "host" ||
                              keyword == "hostaddr";
        // The table begins with what names the server, so the first key is the one to tell.
        target.origin = target.origin.empty() ? value->origin : target.origin;
    }
}

/// What the service says, as keywords where nothing else set them, so that the target can be told
/// and judged before connecting.
void read_service_keys(const Values& values, Target& target)
{
    const auto service = target.conn_info.value("service");
    if (!service) {
        return;
    }
    const auto keywords = read_service(*service, values.variables().real());
    target.has_open_service = !keywords.has_value();
    if (!keywords) {
        return;
    }
    target.conn_info = placed(fmt::format("service \"{}\"", *service), [&] {
        pg::ConnInfo info = target.conn_info;
        for (const auto& [keyword, value] : *keywords) {
            info = info.with_default(keyword, value);
        }
        return info;
    });
}

} // namespace

Target read_target(const std::string& prefix, const Values& values,
                   const std::filesystem::path& root)
{
    Target target;
    read_url(prefix, values, target);
    read_keys(prefix, values, root, target);
    read_service_keys(values, target);
    return target;
}

} // namespace crudctl::config
