#include "support/message_reader.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using crudctl::tests::MessageReader;
using Edge = MessageReader::Edge;

namespace {

std::string number(std::uint32_t value)
{
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU);
    }
    return bytes;
}

std::string message(char type, const std::string& body)
{
    return type + number(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

std::string untyped(std::uint32_t code, const std::string& body = {})
{
    return number(static_cast<std::uint32_t>(body.size() + 8)) + number(code) + body;
}

constexpr std::uint32_t protocol_3 = 196608;
constexpr std::uint32_t tls_code = 80877103;

const std::string client_bytes = untyped(tls_code) + untyped(protocol_3, "user") +
                                 message('p', "secret") + message('Q', "select 1") +
                                 message('S', "") + message('d', std::string(1000, 'x'));
const std::string client_types = {
    MessageReader::encryption_request, MessageReader::start_up, 'p', 'Q', 'S', 'd'};

struct Reading {
    std::string types;
    std::vector<std::size_t> begins; // in all the bytes
    std::vector<std::size_t> ends;
    std::vector<std::string> bodies;
};

Reading read_in_chunks(MessageReader reader, const std::string& bytes, std::size_t size)
{
    Reading reading;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        for (const Edge& edge : reader.read(std::string_view(bytes).substr(at, size))) {
            if (edge.kind == Edge::Kind::begin) {
                reading.begins.push_back(at + edge.at);
            } else {
                reading.ends.push_back(at + edge.at);
                reading.types += edge.message.type;
                reading.bodies.push_back(edge.message.body);
            }
        }
    }
    return reading;
}

} // namespace

TEST_CASE("messages are found where they are, however the bytes arrive")
{
    const MessageReader reader(MessageReader::Sender::client);
    const Reading whole = read_in_chunks(reader, client_bytes, client_bytes.size());
    REQUIRE(whole.types == client_types);
    CHECK(whole.begins == std::vector<std::size_t>{0, 8, 20, 31, 44, 49});
    CHECK(whole.ends == std::vector<std::size_t>{8, 20, 31, 44, 49, 1054});
    CHECK(whole.bodies[3] == "select 1");
    for (std::size_t size = 1; size < 60; ++size) {
        CAPTURE(size);
        const Reading cut = read_in_chunks(reader, client_bytes, size);
        CHECK(cut.types == whole.types);
        CHECK(cut.begins == whole.begins);
        CHECK(cut.ends == whole.ends);
        CHECK(cut.bodies == whole.bodies);
    }
}

TEST_CASE("the answer to a request for encryption is one byte, and messages follow")
{
    MessageReader reader(MessageReader::Sender::server);
    reader.expect_encryption_answer();
    const Reading reading = read_in_chunks(reader, "N" + message('R', number(0)), 1000);
    CHECK(reading.types == std::string{MessageReader::encryption_answer, 'R'});
    CHECK(reading.ends == std::vector<std::size_t>{1, 10});
}

TEST_CASE("what is not Postgres' protocol is no message")
{
    MessageReader client(MessageReader::Sender::client);
    CHECK_THROWS(client.read("GET / HTTP/1.1\r\n\r\n" + std::string(2000, ' ')));
    MessageReader other_version(MessageReader::Sender::client);
    CHECK_THROWS(other_version.read(untyped(protocol_3 - 1)));
    MessageReader server(MessageReader::Sender::server);
    CHECK_THROWS(server.read(std::string("Z\0\0\0\3I", 6)));
}
