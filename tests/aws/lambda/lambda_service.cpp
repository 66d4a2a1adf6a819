#include "lambda_service.hpp"

#include "commands/lambda/templates.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"

#include <fstream>
#include <sstream>
#include <utility>

namespace crudctl::tests {

namespace fs = std::filesystem;
using nlohmann::json;

FunctionProject::FunctionProject(const std::string& url)
{
    fs::create_directories(root());
    fs::copy(source_folder() / "sql", root() / "sql", fs::copy_options::recursive);
    write("crudctl.toml", "[lambda]\nPostConfirmation_ConfirmSignUp = \"users/create\"\n"
                          "[profiles.function]\nurl = \"${FUNCTION_URL}\"\n");
    m_variables = {{"FUNCTION_URL", url},
                   {"CRUDCTL_PROFILE", "function"},
                   {"CRUDCTL_CONFIG", (root() / "crudctl.toml").string()},
                   {"PATH", "/usr/bin:/bin"}};
}

fs::path FunctionProject::write(std::string_view name, std::string_view text) const
{
    return m_folder.write("project/" + std::string(name), text);
}

std::string sign_up(const json& attributes)
{
    json event = json::parse(commands::templates::post_confirmation_json);
    event["request"]["userAttributes"].merge_patch(attributes);
    return event.dump(3); // in a form of its own, which has to come back
}

LambdaService::LambdaService(const FunctionProject& project)
    : LambdaService(project, {crudctl_binary().string(), "lambda"})
{}

LambdaService::LambdaService(const FunctionProject& project, const std::vector<std::string>& argv)
{
    const json settings = {
        {"argv", argv}, {"environment", project.variables()}, {"log", (m_folder / "log").string()}};
    const auto file = m_folder.write("settings.json", settings.dump());
    m_program = std::make_unique<TalkingProgram>(
        std::vector<std::string>{"/usr/bin/python3",
                                 (source_folder() / "tests/aws/lambda/lambda_service.py").string(),
                                 file.string()},
        std::map<std::string, std::string>());
}

json LambdaService::ask(const json& command) const
{
    return json::parse(m_program->ask(command.dump(-1, ' ', true)));
}

json LambdaService::call(const std::string& event) const
{
    return call_all({event})[0];
}

json LambdaService::call_all(const std::vector<std::string>& events) const
{
    return ask({{"do", "call"}, {"events", events}});
}

void LambdaService::set(json settings) const
{
    settings["do"] = "set";
    ask(settings);
}

json LambdaService::start() const
{
    return ask({{"do", "start"}});
}

json LambdaService::signal(int number) const
{
    return ask({{"do", "signal"}, {"number", number}});
}

json LambdaService::sandboxes() const
{
    return ask({{"do", "look"}});
}

std::string LambdaService::log() const
{
    std::ifstream file(m_folder / "log");
    std::stringstream text;
    text << file.rdbuf();
    return std::move(text).str();
}

std::vector<json> LambdaService::log_lines() const
{
    std::vector<json> lines;
    std::istringstream text(log());
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with('{')) {
            lines.push_back(json::parse(line));
        }
    }
    return lines;
}

} // namespace crudctl::tests
