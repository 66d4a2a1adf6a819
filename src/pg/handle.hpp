#pragma once

#include <memory>

#include <libpq-fe.h>

namespace crudctl::pg {

/// Frees what libpq handed out; as a type, so that the owner stays as small as a pointer.
template <auto Close>
struct Closer {
    template <typename T>
    void operator()(T* handle) const noexcept
    {
        Close(handle);
    }
};

using ConnHandle = std::unique_ptr<PGconn, Closer<PQfinish>>;
using ResultHandle = std::unique_ptr<PGresult, Closer<PQclear>>;
using OptionsHandle = std::unique_ptr<PQconninfoOption, Closer<PQconninfoFree>>;
using CancelHandle = std::unique_ptr<PGcancel, Closer<PQfreeCancel>>;
using TextHandle = std::unique_ptr<char, Closer<PQfreemem>>;

} // namespace crudctl::pg
