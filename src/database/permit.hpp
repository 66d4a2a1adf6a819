#pragma once

namespace crudctl::plan {
class Guard;
}

namespace crudctl::database {

/// Leave to destroy. Only the guard can make one, so that a command which forgets to ask it does
/// not compile.
class Permit {
private:
    friend class plan::Guard;
    Permit() = default;
};

} // namespace crudctl::database
