// Memory that stays where it is.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace ma {

struct Free {
    void operator()(void* memory) const { free(memory); }
};

template <class T>
using Array = std::unique_ptr<T[], Free>;

// Zeroed memory of a fixed address; pages are taken when first touched.
template <class T>
Array<T> reserve(size_t length) {
    auto* memory = static_cast<T*>(calloc(length == 0 ? 1 : length, sizeof(T)));
    if (memory == nullptr) throw std::bad_alloc();
    return Array<T>(memory);
}

// Which nodes a walk has met. Marks are numbers that grow, so that clearing is rare.
class Visited {
public:
    explicit Visited(size_t capacity) : marks_(reserve<uint16_t>(capacity)), capacity_(capacity) {}
    void next();
    bool first(int32_t node) {
        if (marks_[node] == mark_) return false;
        marks_[node] = mark_;
        return true;
    }

private:
    Array<uint16_t> marks_;
    size_t capacity_;
    uint16_t mark_ = 0;
};

} // namespace ma
