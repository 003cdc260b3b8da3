// Bringing an initialized runtime up to where programs run: builtins, sys, importlib, codecs, standard
// streams, site.
#pragma once

#include "object/thread.h"

namespace krait {

// `g_runtime.config` must be filled. Steps, in order; each fails with an exception set.
Status start_core_modules(Thread& t);   // sys, builtins, sys.modules
Status start_import_system(Thread& t);  // _frozen_importlib and its external part, sys.meta_path, path hooks
Status start_text(Thread& t);           // encodings, io, sys.stdin / stdout / stderr, builtins.open
Status start_main_module(Thread& t);    // an empty __main__
Status start_site(Thread& t);           // site, unless -S
Status start_signals(Thread& t);        // the handlers of start-up: SIGINT, SIGPIPE

}  // namespace krait
