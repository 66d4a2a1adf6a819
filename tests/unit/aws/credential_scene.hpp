#pragma once

#include "aws/credentials/credential_chain.hpp"
#include "support/error.hpp"
#include "support/temp_folder.hpp"
#include "unit/aws/fakes.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::aws::test {

/// Of every key here: no error may show it.
inline constexpr const char* secret = "s3cr3t-k3y";

/// Answers with what it was given and keeps the call; "aws" is there or isn't.
class FakePrograms : public ProcessRunner {
public:
    std::optional<std::filesystem::path> find(const std::string& program,
                                              const Environment& /*environment*/) const override
    {
        return program == "aws" && !has_cli
                   ? std::nullopt
                   : std::optional<std::filesystem::path>("/bin/" + program);
    }
    ProgramResult run(const ProgramCall& call) override
    {
        calls.push_back(call.argv);
        return answer;
    }

    bool has_cli = true;
    ProgramResult answer;
    std::vector<std::vector<std::string>> calls;
};

inline std::string json_key(const std::string& id, const std::string& more = "")
{
    return R"({"Version":1,"AccessKeyId":")" + id + R"(","SecretAccessKey":")" + secret +
           R"(","SessionToken":"t0k3n")" + more + "}";
}

/// A home folder, an environment and stand-ins for what gives credentials.
struct CredentialScene {
    explicit CredentialScene(std::string_view config = "", std::string_view credentials = "")
    {
        home.write(".aws/config", config);
        home.write(".aws/credentials", credentials);
        environment.set("HOME", home.path().string());
    }

    Credentials find()
    {
        const SharedProfile profile(setting, environment);
        Pacing pacing;
        pacing.now = [] { return noon; };
        pacing.sleep = [](std::chrono::milliseconds) {};
        pacing.random = [] { return 0.5; };
        return find_credentials({environment, profile, "eu-west-1", http, programs, pacing,
                                 [this](const std::string& text) { told += text; }, environment});
    }

    /// The key's id, or the exit code with the message.
    std::string outcome()
    {
        try {
            return find().access_key_id;
        } catch (const Error& error) {
            const std::string text = std::string(error.what()) + " | " + error.hint();
            CHECK(text.find(secret) == std::string::npos);
            return std::to_string(to_int(error.code())) + " " + text;
        }
    }

    tests::TempFolder home;
    Environment environment;
    std::optional<Found> setting; // the profile that crudctl's own settings name
    ScriptedHttp http;
    FakePrograms programs;
    std::string told;
};

} // namespace crudctl::aws::test
