#include "aws/credentials/shared_profile.hpp"
#include "aws/request/endpoint.hpp"
#include "support/error.hpp"
#include "support/temp_folder.hpp"
#include "support/text/text.hpp"

#include <optional>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::aws;

namespace {

IniFile config(std::string_view text)
{
    return IniFile::parse(text, "config", IniKind::config);
}

/// What [profile foo] says of `name`; "-" where the section or the key isn't there.
std::string value(std::string_view text, const std::string& key = "name")
{
    const IniFile file = config(text);
    const IniSection* section = file.find("profile", "foo");
    return section == nullptr || !section->contains(key) ? "-" : section->at(key).text;
}

template <typename Function>
std::string message_of(Function function)
{
    try {
        function();
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::configuration);
        return std::string(error.what()) + " | " + error.hint();
    }
    return "(no error)";
}

/// A home folder with both files.
struct Home {
    Home(std::string_view config_text, std::string_view credentials_text = "")
    {
        folder.write(".aws/config", config_text);
        folder.write(".aws/credentials", credentials_text);
        environment.set("HOME", folder.path().string());
    }
    SharedProfile profile(const std::optional<Found>& named = {}) const
    {
        return {named, environment};
    }

    tests::TempFolder folder;
    Environment environment;
};

} // namespace

TEST_CASE("a file of AWS profiles is read as the AWS tools read it", "[aws]")
{
    CHECK(config("").find("profile", "foo") == nullptr);
    CHECK(config("[profile foo]").find("profile", "foo")->empty());
    CHECK(value("[profile foo]\nname = value") == "value");
    CHECK(value("[profile foo]\r\nname = value\r\n") == "value");
    CHECK(value("[profile \tfoo \t]\nname \t=  \tvalue \t") == "value");
    CHECK(value("[profile\tfoo]\nname=val=ue") == "val=ue");
    CHECK(value("[profile foo]\nname =") == "");
    CHECK(value("[profile foo]\nNAME = a\n[profile bar]\n[profile foo]\nname = b") == "b");
    CHECK(value("\t \n[profile foo]\n\t\n \nname = value\n\t \n") == "value");
    CHECK(value("[profile 'foo']\nname = value") == "value");
    CHECK(value("[foo]\nname = value") == "-");
    CHECK(value("[profile foo]\nname = a%sb") == "a%sb");
    CHECK(config("[profile a b]").find("profile", "a b") != nullptr);
    CHECK(config("[profile \"a b\"]").find("profile", "a b") != nullptr);
    CHECK(IniFile::parse("[foo]\nname = x", "f", IniKind::credentials).find("profile", "foo"));
}

TEST_CASE("comments in AWS profiles follow a blank or begin a line", "[aws]")
{
    CHECK(value("# c\n[profile foo] # c\nname = value # c with # sign") == "value");
    CHECK(value("; c\n[profile foo];c\nname = value ;") == "value");
    CHECK(value("[profile foo]\nname = value; next") == "value; next");
    CHECK(value("[profile foo]\nname = value#next") == "value#next");
    CHECK(value("[profile foo]\nname = value\n  # name = other") == "value");
}

TEST_CASE("indented lines of AWS profiles belong to the key above", "[aws]")
{
    CHECK(value("[profile foo]\nname = value\n \t -more # x \t ") == "value\n-more # x");
    const IniFile file = config("[services s]\nec2 =\n  endpoint_url = http://a:1\n\n  B = c\n");
    const IniValue& block = file.find("services", "s")->at("ec2");
    CHECK(block.nested.at("endpoint_url") == "http://a:1");
    CHECK(block.nested.at("b") == "c");
}

TEST_CASE("[profile default] counts before [default], whichever comes first", "[aws]")
{
    for (const char* text : {"[profile default]\nname = a\n[default]\nname = b\nother = c",
                             "[default]\nname = b\nother = c\n[profile default]\nname = a"}) {
        const IniFile file = config(text);
        const IniSection* section = file.find("profile", "default");
        CHECK(section->at("name").text == "a");
        CHECK_FALSE(section->contains("other"));
    }
}

TEST_CASE("a broken file of AWS profiles is refused by line, without its text", "[aws]")
{
    const auto refusal = [](const char* text) { return message_of([&] { config(text); }); };
    CHECK(refusal("[profile foo") == "config:1: the section's name does not end with \"]\" | ");
    CHECK(refusal("name = value") == "config:1: a setting stands before the first [section] | ");
    CHECK(refusal(" -continued") == "config:1: a setting stands before the first [section] | ");
    CHECK(refusal("[profile foo]\n= s3cret") == "config:2: a setting without a name | ");
    CHECK(refusal("[profile foo]\ns3cret") == "config:2: a line without \"=\" | ");
    CHECK(refusal("[profile foo]\n -s3cret") ==
          "config:2: an indented line without a setting above it | ");
    CHECK(refusal("[profile foo]\na = b\n[profile foo]\n c") ==
          "config:4: an indented line without a setting above it | ");
    CHECK(refusal("[profile foo]\ns3 =\n s3cret") == "config:3: a line without \"=\" | ");
}

TEST_CASE("keys of the credentials file win over those of the config file", "[aws]")
{
    const Home home("[default]\naws_access_key_id = config\nregion = eu-west-1\n",
                    "[default]\naws_access_key_id = credentials\n");
    const SharedProfile profile = home.profile();
    CHECK(profile.value("aws_access_key_id")->text == "credentials");
    CHECK(profile.value("aws_access_key_id")->origin == "~/.aws/credentials:2");
    CHECK(profile.value("region")->origin == "~/.aws/config:3");
    CHECK_FALSE(profile.value("aws_session_token"));
}

TEST_CASE("which AWS profile counts: the settings', AWS_PROFILE's, the default", "[aws]")
{
    Home home("[profile a]\n[profile b]\n", "[c]\n");
    CHECK(home.profile().name() == "default");
    home.environment.set("AWS_DEFAULT_PROFILE", "c");
    CHECK(home.profile().name() == "c");
    home.environment.set("AWS_PROFILE", "b");
    CHECK(home.profile().name() == "b");
    CHECK_FALSE(home.profile().is_named_by_settings());
    CHECK(home.profile(Found{"a", "crudctl.toml:9"}).name() == "a");
    CHECK(home.profile(Found{"a", "crudctl.toml:9"}).is_named_by_settings());
    home.environment.set("AWS_PROFILE", "");
    CHECK(home.profile().name() == "c");
}

TEST_CASE("an AWS profile that was asked for and isn't there is an error", "[aws]")
{
    Home home("[profile a]\n");
    home.environment.set("AWS_PROFILE", "b");
    CHECK(message_of([&] {
              home.profile();
          }).starts_with("there is no AWS profile \"b\", which AWS_PROFILE names"));
    CHECK(message_of([&] {
              home.profile(Found{"d", "crudctl.toml:9"});
          }).starts_with("there is no AWS profile \"d\", which crudctl.toml:9 names"));
}

TEST_CASE("AWS files lie where their variables say, and may be missing", "[aws]")
{
    Home home("[default]\nregion = eu-west-1\n");
    home.folder.write("elsewhere", "[default]\nregion = us-east-1\n");
    home.environment.set("AWS_CONFIG_FILE", (home.folder / "elsewhere").string());
    CHECK(home.profile().value("region")->text == "us-east-1");
    home.environment.set("AWS_CONFIG_FILE", "~/elsewhere");
    CHECK(home.profile().value("region")->text == "us-east-1");
    CHECK(SharedProfile({}, Environment()).name() == "default");
}

TEST_CASE("the region: the settings', AWS_REGION, AWS_DEFAULT_REGION, the profile's", "[aws]")
{
    Home home("[default]\nregion = eu-west-4\n");
    const auto region = [&](const std::optional<Found>& setting = {}) {
        return region_of(setting, home.profile(), home.environment).text;
    };
    CHECK(region() == "eu-west-4");
    home.environment.set("AWS_DEFAULT_REGION", "eu-west-3");
    CHECK(region() == "eu-west-3");
    home.environment.set("AWS_REGION", "eu-west-2");
    CHECK(region() == "eu-west-2");
    CHECK(region(Found{"eu-west-1", "crudctl.toml:9"}) == "eu-west-1");
}

TEST_CASE("no region, a zone and what would be another host are errors", "[aws]")
{
    const SharedProfile profile({}, Environment());
    const auto refusal = [&](const std::optional<Found>& setting) {
        return message_of([&] { region_of(setting, profile, Environment()); });
    };
    CHECK(refusal({}).starts_with("no AWS region is set"));
    CHECK(refusal(Found{"ca-central-1a", "AWS_REGION"}) ==
          "\"ca-central-1a\" (AWS_REGION) is an availability zone, not a region | its region is "
          "\"ca-central-1\"");
    for (const char* wrong :
         {"evil.example.com/", "us-east-1.evil", "-x", "x-", "US-EAST-1", "a b"}) {
        CHECK(refusal(Found{wrong, "x"}).find("cannot be a region") != std::string::npos);
    }
}

TEST_CASE("a service's endpoint is AWS's own, with the suffix of its region", "[aws]")
{
    const Home home("");
    const auto url = [&](const char* region) {
        return endpoint_of("ec2", region, home.profile(), home.environment).url;
    };
    CHECK(url("ca-central-1") == "https://ec2.ca-central-1.amazonaws.com");
    CHECK(url("cn-north-1") == "https://ec2.cn-north-1.amazonaws.com.cn");
    CHECK(url("eusc-de-east-1") == "https://ec2.eusc-de-east-1.amazonaws.eu");
}

TEST_CASE("an endpoint is overridden in the order of the AWS tools, and that is known", "[aws]")
{
    Home home("[default]\nservices = mine\nendpoint_url = http://d:4\n"
              "[services mine]\nec2 =\n  endpoint_url = http://c:3\n");
    const auto endpoint = [&](const char* service) {
        return endpoint_of(service, "eu-west-1", home.profile(), home.environment);
    };
    CHECK(endpoint("ec2").url == "http://c:3");
    CHECK(endpoint("ec2").origin == "~/.aws/config:5");
    CHECK(endpoint("rds").url == "http://d:4");
    home.environment.set("AWS_ENDPOINT_URL", "http://b:2");
    CHECK(endpoint("ec2").url == "http://b:2");
    home.environment.set("AWS_ENDPOINT_URL_EC2", "https://A:443/");
    CHECK(endpoint("ec2").url == "https://a");
    CHECK(endpoint("ec2").host == "a");
    CHECK(endpoint("ec2").origin == "AWS_ENDPOINT_URL_EC2");
    CHECK(endpoint("rds").host == "b:2");
    home.environment.set("AWS_ENDPOINT_URL", "http://[::1]:4566");
    CHECK(endpoint("rds").host == "[::1]:4566");
    home.environment.set("AWS_ENDPOINT_URL", "http://[::1]");
    CHECK(endpoint("rds").host == "[::1]");
    home.environment.set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
    CHECK(endpoint("ec2").origin.empty());
}

TEST_CASE("an endpoint that isn't scheme, host and port is refused", "[aws]")
{
    const SharedProfile profile({}, Environment());
    for (const char* wrong :
         {"localhost:4566", "ftp://a", "http://user:pass@a", "http://a/path", "http://a?x",
          "http://", "http://a b", "https", "http://a:", "http://a:b", "http://a:123456",
          "http://[g]", "http://[]", "http:///"}) {
        CAPTURE(wrong);
        Environment environment;
        environment.set("AWS_ENDPOINT_URL", wrong);
        CHECK(message_of([&] {
                  endpoint_of("ec2", "eu-west-1", profile, environment);
              }).starts_with("the endpoint in AWS_ENDPOINT_URL is not a URL"));
    }
}
