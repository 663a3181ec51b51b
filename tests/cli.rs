//! The command line as people and scripts meet it: exit statuses, messages with their places, data, files of every kind.
#![allow(
    clippy::pedantic,
    clippy::too_many_arguments,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may fail loudly"
)]

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/data.rs"]
mod data;
#[path = "cli/embedded.rs"]
mod embedded;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/mistakes.rs"]
mod mistakes;
#[path = "cli/models.rs"]
mod models;
#[path = "cli/options.rs"]
mod options;
#[path = "cli/report.rs"]
mod report;
#[path = "cli/runs.rs"]
mod runs;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/trials.rs"]
mod trials;
