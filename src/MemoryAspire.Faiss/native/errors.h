// Failures inside the library; abi.cpp turns them into a status and a message.
#pragma once

#include <stdexcept>
#include <string>

namespace ma {

struct Invalid : std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

struct Stopped : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Full : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline void require(bool condition, const char* message) {
    if (!condition) throw Invalid(message);
}

} // namespace ma
