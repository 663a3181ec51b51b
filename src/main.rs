//! The command `wf`.

use std::process::ExitCode;

// A tree is many small pieces, which this gives out and takes back in half the time of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    wf::cli::main()
}
