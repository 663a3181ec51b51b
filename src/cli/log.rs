//! What goes to the log: what methods say, and what the program itself has to tell. `WF_LOG` filters it.

use tracing_subscriber::EnvFilter;

use crate::{
    slice::ports::Notifier,
    value::{Detail, Value},
};

/// Starts the log: warnings, and where `verbose` everything that methods say.
pub fn start(verbose: bool) {
    let usual = if verbose { "wf=info" } else { "warn" };
    let filter = EnvFilter::try_from_env("WF_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A program that embeds this one may have a log of its own already.
    let _ = lines.compact().try_init();
}

/// Writes what methods say into the log.
pub struct Logged;

impl Notifier for Logged {
    fn notify(&self, topic: &str, message: &str, data: Value) {
        match data {
            Value::None => tracing::info!(topic, "{message}"),
            data => tracing::info!(topic, data = %data.to_json(Detail::Summary), "{message}"),
        }
    }
}
