//! How a command ends where it cannot go on.

use std::fmt;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It did what it should.
    Done,
    /// The run failed, or the check found errors.
    Failed,
    /// It was called wrongly, or a file could not be read.
    Usage,
    /// Somebody stopped it.
    Cancelled,
}

impl Exit {
    /// Returns the exit status by contract.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Cancelled => 130,
        }
    }
}

/// Why a command cannot go on: what is wrong and, where it is known, how to mend it.
#[derive(Debug)]
pub struct Stop {
    /// How it ends.
    pub exit: Exit,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Stop {
    /// Returns wrong usage or an unreadable file.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, message: message.to_string(), help: None }
    }

    /// Returns a failure whose explanation has already been printed.
    pub fn said() -> Self {
        Self { exit: Exit::Failed, message: String::new(), help: None }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl fmt::Display) -> Self {
        self.help = Some(help.to_string());
        self
    }
}

/// What a command gives.
pub type Outcome = Result<Exit, Stop>;
