//! Why a step failed.

use std::fmt;

use serde::Serialize;

use crate::value::Mismatch;

/// Why a step failed: what kind of fault, and in words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fault {
    /// What kind; it decides whether another try makes sense.
    pub kind: FaultKind,
    /// What happened: lower case, no full stop, backticks around what the user wrote.
    pub message: String,
    /// What it came from, outermost first.
    pub caused_by: Vec<String>,
}

/// What kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// What the step was given is wrong: another try gives the same.
    Input,
    /// It may go away: a try later may succeed.
    Transient,
    /// It will not go away by itself.
    Permanent,
    /// It took longer than it may; another try may succeed.
    TimedOut,
    /// Somebody stopped it.
    Cancelled,
    /// The method has a defect.
    Panicked,
}

impl FaultKind {
    /// Says whether another try makes sense.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Transient | Self::TimedOut)
    }
}

impl Fault {
    /// Returns a fault of this kind.
    pub fn new(kind: FaultKind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string(), caused_by: Vec::new() }
    }

    /// Returns a fault of what the step was given.
    pub fn input(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Input, message)
    }

    /// Returns a fault that may go away.
    pub fn transient(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Transient, message)
    }

    /// Returns a fault that will not go away by itself.
    pub fn permanent(message: impl fmt::Display) -> Self {
        Self::new(FaultKind::Permanent, message)
    }

    /// Adds what it came from, with that error's own sources.
    #[must_use]
    pub fn because(mut self, error: &dyn std::error::Error) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.caused_by.push(error.to_string());
            next = error.source();
        }
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.caused_by.iter().try_for_each(|it| write!(f, ": {it}"))
    }
}

impl std::error::Error for Fault {}

impl From<Mismatch> for Fault {
    fn from(it: Mismatch) -> Self {
        Self::input(it)
    }
}
