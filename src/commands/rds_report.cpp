#include "commands/rds_report.hpp"

#include "support/text.hpp"
#include "support/time_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

std::string rds_json(const aws::RdsInstance& found)
{
    const nlohmann::ordered_json document = {{"instance", found.id},
                                             {"status", found.status},
                                             {"class", found.instance_class},
                                             {"engine", found.engine},
                                             {"host", found.host},
                                             {"port", found.port},
                                             {"storage_gib", found.storage},
                                             {"public", found.is_public},
                                             {"backup_days", found.backup_days},
                                             {"deletion_protection", found.is_protected},
                                             {"master_user", found.master_user},
                                             {"master_secret", found.secret},
                                             {"created_at", found.created},
                                             {"restarts_at", found.restart_time}};
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string rds_text(const aws::RdsInstance& found)
{
    const auto yes_no = [](bool is_so) { return is_so ? "yes" : "no"; };
    std::string text =
        fmt::format("instance   {}\nstatus     {}\nclass      {}, {} GiB\n"
                    "engine     {}\n",
                    found.id, found.status, found.instance_class, found.storage, found.engine);
    if (!found.host.empty()) {
        text += fmt::format("endpoint   {}:{}\n", found.host, found.port);
    }
    text += fmt::format("public     {}\nbackups    {}\nprotected  {}\n", yes_no(found.is_public),
                        found.backup_days == 0 ? "none" : fmt::format("{} days", found.backup_days),
                        found.is_protected ? "against deletion" : "no");
    if (!found.master_user.empty()) {
        text += fmt::format(
            "master     {}{}{}\n", found.master_user,
            found.secret.empty() ? "" : ", its password in Secrets Manager: ", found.secret);
    }
    if (!found.restart_time.empty()) {
        text += fmt::format("restarts   {}\n", local_time_text(found.restart_time));
    }
    return printable(text, KeepLines::yes);
}

} // namespace crudctl::commands
