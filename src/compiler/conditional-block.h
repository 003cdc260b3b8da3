#pragma once

#include "compiler/codegen.h"

namespace krait {

// Marks the code until its end as run only sometimes: annotations in it are recorded when they are met.
class CodeGenerator::ConditionalBlock {
  public:
    explicit ConditionalBlock(Unit& unit) : unit_(unit), before_(unit.in_conditional_block) {
        unit.in_conditional_block = true;
    }
    ~ConditionalBlock() { unit_.in_conditional_block = before_; }

  private:
    Unit& unit_;
    bool before_;
};

}  // namespace krait
