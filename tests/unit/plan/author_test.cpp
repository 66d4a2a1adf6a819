#include "plan/author.hpp"
#include "support/process/user.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using plan::Author;
using plan::statement_tag;
using tests::TempFolder;

namespace fs = std::filesystem;

namespace {

const std::string first(40, 'a');
const std::string second(40, 'b');

} // namespace

TEST_CASE("the commit that is checked out is found from any folder of a repository")
{
    const TempFolder folder;
    folder.write(".git/HEAD", "ref: refs/heads/feature/x\n");
    folder.write(".git/refs/heads/feature/x", first + "\n");
    fs::create_directories(folder / "deep/er");
    CHECK(plan::git_head(folder.path()) == first);
    CHECK(plan::git_head(folder / "deep/er") == first);
}

TEST_CASE("a branch that git packed away is found, and one with a similar name is not taken for it")
{
    const TempFolder folder;
    folder.write(".git/HEAD", "ref: refs/heads/main\n");
    folder.write(".git/packed-refs",
                 "# pack-refs with: peeled fully-peeled sorted \n" + second +
                     " refs/heads/main-2\n" + second + " refs/remotes/x/refs/heads/main\n" + first +
                     " refs/heads/main\n" + second + " refs/tags/v1\n^" + second + "\n");
    CHECK(plan::git_head(folder.path()) == first);
    folder.write(".git/refs/heads/main", second + "\n"); // newer than what was packed
    CHECK(plan::git_head(folder.path()) == second);
}

TEST_CASE("a commit that was checked out by itself is taken as it stands")
{
    const TempFolder folder;
    folder.write(".git/HEAD", std::string(64, 'c') + "\n");
    CHECK(plan::git_head(folder.path()) == std::string(64, 'c'));
}

TEST_CASE("a linked worktree has a HEAD of its own, and the branches of the repository")
{
    const TempFolder folder;
    folder.write("main/.git/HEAD", "ref: refs/heads/main\n");
    folder.write("main/.git/refs/heads/main", first + "\n");
    folder.write("main/.git/worktrees/wt/HEAD", "ref: refs/heads/topic\n");
    folder.write("main/.git/worktrees/wt/commondir", "../..\n");
    SECTION("by an absolute path")
    {
        folder.write("wt/.git", "gitdir: " + (folder / "main/.git/worktrees/wt").string() + "\n");
    }
    SECTION("by a relative one")
    {
        folder.write("wt/.git", "gitdir: ../main/.git/worktrees/wt\n");
    }
    folder.write("main/.git/refs/heads/topic", second + "\n");
    CHECK(plan::git_head(folder / "wt") == second);
    fs::remove(folder / "main/.git/refs/heads/topic");
    folder.write("main/.git/packed-refs", second + " refs/heads/topic\n");
    CHECK(plan::git_head(folder / "wt") == second);
    CHECK(plan::git_head(folder / "main") == first);
}

TEST_CASE("where no commit can be told there is none, and nothing else is read for one")
{
    const TempFolder folder;
    CHECK(plan::git_head(folder.path()).empty());
    folder.write("secret", first + "\n");
    const std::string head =
        GENERATE(as<std::string>(), "", "ref: refs/heads/unborn\n", "ref: refs/heads/.invalid\n",
                 "ref: ../secret\n", "ref: refs/../../secret\n", "ref: refs/heads/loop\n",
                 "ref: \n", "0123456789abcdef\n", "no commit at all, though it is 40 characters\n");
    CAPTURE(head);
    folder.write(".git/HEAD", head);
    folder.write(".git/refs/heads/loop", "ref: refs/heads/loop\n");
    CHECK(plan::git_head(folder.path()).empty());
}

TEST_CASE("a .git file that leads nowhere, or to itself, is no repository")
{
    const TempFolder folder;
    const std::string text = GENERATE(as<std::string>(), "", "gitdir: nowhere\n", "gitdir: .git\n",
                                      "gitdir:\n", "something else\n");
    folder.write(".git", text);
    CHECK(plan::git_head(folder.path()).empty());
}

TEST_CASE("the tag of a statement says who, where, from what commit and by which plan")
{
    CHECK(statement_tag("setup", {"andrew", "mac.local", "0123456789"}, "a41f") ==
          "/* crudctl setup user=andrew host=mac.local git=0123456789 plan=a41f */ ");
    CHECK(statement_tag("drop", {"andrew@corp.example", "mac", ""}, "") ==
          "/* crudctl drop user=andrew@corp.example host=mac */ ");
}

TEST_CASE("nothing in a name can end the tag's comment, nest one, or break an encoding")
{
    const std::string name =
        GENERATE(as<std::string>(), "x */ drop database postgres; --", "/* x", "a\nb", "größe",
                 "\xff\xfe", "x*", "/", "a b=c", "$$", "'\"\\", std::string("a\0b", 3));
    CAPTURE(name);
    for (const std::string& tag :
         {statement_tag("drop", {name, "h", "g"}, ""), statement_tag("drop", {"u", name, "g"}, ""),
          statement_tag("drop", {"u", "h", name}, ""), statement_tag("drop", {"u", "h", ""}, name),
          statement_tag(name, {"u", "h", ""}, "")}) {
        CHECK(tag.starts_with("/* crudctl "));
        CHECK(tag.ends_with(" */ "));
        const std::string inside = tag.substr(2, tag.size() - 5);
        CHECK(inside.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789._@- =") == std::string::npos);
    }
    CHECK(statement_tag("drop", {std::string(5000, 'x'), "", ""}, "").size() < 100);
}

TEST_CASE("whoever runs this has a name, and a host")
{
    CHECK_FALSE(user_name().empty());
    CHECK_FALSE(host_name().empty());
}
