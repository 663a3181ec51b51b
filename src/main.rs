//! The command `wf`.

use std::process::ExitCode;

fn main() -> ExitCode {
    wf::cli::main()
}
