//! What a person sees while a run goes on: a line as each stage ends, a bar for a long fan-out; and the events as data.

use std::{
    io::{IsTerminal as _, Write as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value as Json, json};

use crate::engine::{Ended, Event, Status, StepRef, Subscriber, What};

/// From how many elements on a loop is a bar instead of lines.
const LONG: u32 = 24;

/// Prints a line as each stage ends, and a bar for a long fan-out, to standard error.
pub struct Lines {
    bar: Option<(String, ProgressBar)>,
}

impl Lines {
    /// Returns the progress display; none where nobody watches and nobody asked for it.
    pub fn new(verbose: bool) -> Option<Self> {
        (verbose || std::io::stderr().is_terminal()).then_some(Self { bar: None })
    }

    fn say(&self, line: &str) {
        let print = || {
            let _ = writeln!(anstream::stderr(), "{line}");
        };
        match &self.bar {
            Some((_, bar)) => bar.suspend(print),
            None => print(),
        }
    }

    fn ended(&self, step: &StepRef, ended: &Ended) {
        let hidden = self.bar.as_ref().is_some_and(|(over, _)| step.path().starts_with(over.as_str()));
        let quiet = matches!(ended.status, Status::Succeeded | Status::Skipped | Status::NotRun | Status::Cancelled);
        if step.is_let() || (hidden && quiet) {
            return;
        }
        let fault = ended.fault.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
        let (sign, more) = match ended.status {
            Status::Succeeded => ("\u{1b}[32m✓\u{1b}[0m", time(ended.running)),
            Status::Cached => ("\u{1b}[32m✓\u{1b}[0m", "from before".to_owned()),
            Status::Degraded => ("\u{1b}[33m!\u{1b}[0m", format!("{}, degraded{fault}", time(ended.running))),
            Status::Skipped => ("\u{1b}[2m-\u{1b}[0m", "skipped".to_owned()),
            Status::NotRun => ("\u{1b}[2m-\u{1b}[0m", "not run".to_owned()),
            Status::Cancelled => ("\u{1b}[33m✗\u{1b}[0m", "cancelled".to_owned()),
            Status::Failed => ("\u{1b}[31m✗\u{1b}[0m", format!("{}{fault}", time(ended.running))),
        };
        self.say(&format!("{} {sign} {more}", stage(&step.path())));
    }
}

impl Subscriber for Lines {
    fn on(&mut self, event: &Event) {
        match &event.what {
            What::Expanded(step, count) if *count >= LONG && self.bar.is_none() => {
                let bar = ProgressBar::with_draw_target(Some(u64::from(*count)), ProgressDrawTarget::stderr());
                if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar:.green/dim} {pos}/{len} {eta}") {
                    bar.set_style(style);
                }
                bar.set_message(stage(&step.path()));
                self.bar = Some((step.path(), bar));
            }
            What::Progress(step, done, _) => {
                if let Some((_, bar)) = self.bar.as_ref().filter(|(path, _)| *path == step.path()) {
                    bar.set_position(u64::from(*done));
                }
            }
            What::Ended(step, ended) => {
                if let Some((_, bar)) = self.bar.take_if(|(path, _)| *path == step.path()) {
                    bar.finish_and_clear();
                }
                self.ended(step, ended);
            }
            What::Retried(step, attempt, pause, fault) => {
                self.say(&format!(
                    "{} \u{1b}[33m↻\u{1b}[0m try {attempt} failed: {fault}; the next in {}",
                    stage(&step.path()),
                    time(*pause)
                ));
            }
            What::Notified { topic, message } => self.say(&format!("[{topic}] {message}")),
            _ => {}
        }
    }
}

/// Prints every event as one JSON object a line to standard output.
pub struct JsonLines;

impl Subscriber for JsonLines {
    fn on(&mut self, event: &Event) {
        let _ = writeln!(std::io::stdout(), "{}", to_json(event));
    }
    fn flush(&mut self) {
        let _ = std::io::stdout().flush();
    }
}

fn to_json(event: &Event) -> Json {
    let (name, step, mut more) = match &event.what {
        What::RunStarted { run } => ("run_started", None, json!({ "run": &**run })),
        What::Ready(step) => ("ready", Some(step), json!({})),
        What::Started(step, attempt) => ("started", Some(step), json!({ "attempt": attempt })),
        What::Retried(step, attempt, pause, fault) => (
            "retried",
            Some(step),
            json!({ "attempt": attempt, "pause_seconds": pause.as_secs_f64(), "error": &**fault }),
        ),
        What::FellBack(step, fault) => ("fell_back", Some(step), json!({ "error": &**fault })),
        What::Expanded(step, count) => ("expanded", Some(step), json!({ "elements": count })),
        What::Progress(step, done, of) => ("progress", Some(step), json!({ "done": done, "of": of })),
        What::Ended(step, ended) => (
            "ended",
            Some(step),
            json!({
                "status": ended.status,
                "attempts": ended.attempts,
                "queued_seconds": ended.queued.as_secs_f64(),
                "seconds": ended.running.as_secs_f64(),
                "error": ended.fault.as_deref(),
            }),
        ),
        What::Notified { topic, message } => ("notified", None, json!({ "topic": &**topic, "message": &**message })),
        What::RunEnded { status } => ("run_ended", None, json!({ "status": status })),
    };
    let mut whole = json!({ "event": name, "at_seconds": event.at.as_secs_f64() });
    if let (Some(whole), Some(more)) = (whole.as_object_mut(), more.as_object_mut()) {
        if let Some(step) = step {
            whole.insert("path".into(), json!(step.path()));
        }
        whole.append(more);
    }
    whole
}

/// Returns what a stage is called: `results[AAPL].fetch_data` is `fetch data for AAPL`.
fn stage(path: &str) -> String {
    let name = path.rsplit(['.', '/']).next().unwrap_or(path);
    let around = path.strip_suffix(name).unwrap_or_default();
    let key = around.rfind('[').and_then(|open| around.get(open + 1..)).and_then(|it| it.split(']').next());
    // A key may hold dots itself, as `[2020-01-01..2020-06-30]` does; then the name is what follows the bracket.
    let (name, key) = match (name.split_once(']'), key) {
        (Some((_, rest)), _) => (rest.trim_start_matches('.'), path.split(['[', ']']).nth(1)),
        (None, key) => (name, key),
    };
    let name = name.replace('_', " ");
    key.map_or_else(|| name.clone(), |key| format!("{name} for {key}"))
}

/// Returns a time as people read it.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        _ if seconds < 0.001 => format!("{:.0} µs", seconds * 1e6),
        _ if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        _ if seconds < 120.0 => format!("{seconds:.2} s"),
        _ => format!("{:.1} min", seconds / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_called_by_its_name_and_its_element() {
        assert_eq!(stage("results[AAPL].fetch_data"), "fetch data for AAPL");
        assert_eq!(stage("[AAPL].fetch_data"), "fetch data for AAPL");
        assert_eq!(stage("summary"), "summary");
        assert_eq!(stage("trade/order"), "order");
        assert_eq!(time(Duration::from_micros(3_140)), "3.1 ms");
    }
}
