#include "aws/query_api.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <string_view>

#include <pugixml.hpp>

namespace crudctl::aws {

namespace {

constexpr std::size_t longest_message = 300;

/// The first descendant with this name, case aside: RequestID and RequestId both occur.
pugi::xml_node descendant(const pugi::xml_node& root, std::string_view name)
{
    return root.find_node(
        [name](const pugi::xml_node& node) { return equal_ignoring_case(node.name(), name); });
}

/// Up to where AWS repeats a request, with its token, or appends a blob for another service.
std::string readable(std::string_view message)
{
    for (const std::string_view stop :
         {"\n", " The Canonical String", " Encoded authorization failure message"}) {
        message = message.substr(0, message.find(stop));
    }
    return printable(shortened(trimmed(message), longest_message));
}

} // namespace

ServiceError::Answer error_answer(const HttpResponse& response)
{
    ServiceError::Answer answer;
    answer.status = response.status;
    answer.date = response.date();
    pugi::xml_document document;
    if (!document.load_buffer(response.body.data(), response.body.size())) {
        return answer;
    }
    const pugi::xml_node error = document.find_node([](const pugi::xml_node& node) {
        return std::string_view(node.name()) == "Error" && !node.child("Code").empty();
    });
    answer.code = printable(trimmed(error.child_value("Code")));
    answer.message = readable(error.child_value("Message"));
    answer.request_id = printable(trimmed(descendant(document, "RequestId").child_value()));
    return answer;
}

} // namespace crudctl::aws
