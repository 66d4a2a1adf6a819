#pragma once

#include "plan/guard.hpp"

namespace crudctl::plan {

/// What a person sees before the question: where, what is there, who is on it, what comes instead,
/// and whether undo reaches it. It fits the terminal; whatever the texts hold, each line is ours.
void show_guard_screen(Console& console, const Plan& plan, const Circumstances& circumstances);

} // namespace crudctl::plan
