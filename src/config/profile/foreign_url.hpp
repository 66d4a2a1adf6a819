#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// A connection URL as other tools write it, in libpq's form: SQLAlchemy's scheme has a driver in
/// it, JDBC's a prefix, and Prisma, connection pools and frameworks add parameters of their own.
struct ForeignUrl {
    std::string text;        // for libpq; the same text where nothing was foreign
    std::string search_path; // of Prisma's `schema` or JDBC's `currentSchema`, as SET takes it
    bool is_pooled = false;  // it says pgbouncer=true
    std::vector<std::string> left_out; // parameters that say nothing to libpq
};

/// Reads a URL. What isn't one comes back as it is, and so does what libpq will refuse for another
/// reason. Throws Error(configuration) for a parameter that neither libpq nor any tool known here
/// has, naming it.
ForeignUrl read_foreign_url(const std::string& text);

/// The option by which a session begins with this search path, a list of names as SET takes them:
/// `-c search_path="My\ App"`.
std::string search_path_option(std::string_view search_path);

} // namespace crudctl::config
