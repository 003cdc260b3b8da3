// The program as the system mapped it from its file.
#pragma once

namespace krait {

// Gives back the mapped pages of constants that nobody writes: much of them serves start-up alone (marshalled
// modules, names of methods). Another look at one maps it again, at the price of a page fault.
void drop_constant_pages();

}  // namespace krait
