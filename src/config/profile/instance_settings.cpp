#include "config/profile/instance_settings.hpp"

#include "config/profile/foreign_url.hpp"
#include "support/error.hpp"

#include <initializer_list>

namespace crudctl::config {

namespace {

constexpr const char* smallest_class = "db.t4g.micro";
constexpr int smallest_storage = 20;
constexpr int usual_backup_days = 7;

MasterPassword master_password(const std::string& word)
{
    if (word == "ask") {
        return MasterPassword::ask;
    }
    return word == "command" ? MasterPassword::command : MasterPassword::managed;
}

/// The first that says something.
std::string first_of(std::initializer_list<std::string> texts)
{
    for (const std::string& text : texts) {
        if (!text.empty()) {
            return text;
        }
    }
    return {};
}

} // namespace

InstanceSettings make_instance_settings(const std::string& profile_name, const Values& values,
                                        const Sources& sources)
{
    const std::string prefix = "profiles." + profile_name + ".";
    const std::string aws = prefix + "aws.";
    const auto text = [&](const std::string& key) {
        const auto found = values.text(key);
        return found ? found->text : std::string();
    };
    const pg::ConnInfo url = readable_url(profile_name, values);
    InstanceSettings instance;
    instance.instance_class = first_of({text(aws + "instance_class"), smallest_class});
    instance.storage = values.number(aws + "storage").value_or(smallest_storage);
    instance.version = text(aws + "engine_version");
    instance.zone = values.text(aws + "zone");
    instance.master_user =
        first_of({text(aws + "master_user"), text(prefix + "user"), url.user(), "postgres"});
    instance.password = master_password(text(aws + "master_password"));
    instance.password_command =
        values.list(prefix + "password_command").value_or(std::vector<std::string>());
    instance.database = first_of({sources.database.value_or(""), text(prefix + "dbname"),
                                  url.database(), text("project.name")});
    instance.backup_days = values.number(aws + "backup_days").value_or(usual_backup_days);
    instance.is_encrypted = values.flag(aws + "encrypted").value_or(true);
    instance.is_public = values.flag(aws + "public").value_or(false);
    instance.is_protected = values.flag(aws + "deletion_protection").value_or(true);
    instance.has_iam = text(prefix + "auth") == "rds-iam";
    return instance;
}

pg::ConnInfo readable_url(const std::string& profile_name, const Values& values)
{
    try {
        const auto url = values.text("profiles." + profile_name + ".url");
        return url ? pg::ConnInfo::parse(read_foreign_url(url->text).text) : pg::ConnInfo();
    } catch (const Error&) {
        return {};
    }
}

} // namespace crudctl::config
