//! The codes of all checks: one list, which everything else iterates.

use std::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A matter of taste or style.
    Hint,
    /// Likely not what was meant.
    Warning,
    /// Cannot run.
    Error,
}

/// What a check offers to mend what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// Advice in words alone.
    None,
    /// An edit that a person looks at first.
    Review,
    /// An edit that `wf check --fix` applies, at least where there is no doubt.
    Safe,
}

/// Where it can be said that a finding is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allow {
    /// Beside it, in the file.
    File,
    /// In the settings of the house alone.
    Policy,
    /// Nowhere, since what it reports cannot run.
    Never,
}

macro_rules! codes { ($($code:ident $severity:ident $remedy:ident $title:literal;)+) => {
    /// Which check a diagnostic comes from, as in `WF-N002`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Code { $(#[doc = $title] $code),+ }

    impl Code {
        /// Every code, in order.
        pub const ALL: &[Code] = &[$(Code::$code),+];

        /// Returns the code as people write it, as in `WF-N002`.
        pub fn as_str(self) -> &'static str {
            match self { $(Code::$code => concat!("WF-", stringify!($code))),+ }
        }

        /// Returns how bad a finding of this check is by default.
        pub fn severity(self) -> Severity {
            match self { $(Code::$code => Severity::$severity),+ }
        }

        /// Returns what the check is about, in one line.
        pub fn title(self) -> &'static str {
            match self { $(Code::$code => $title),+ }
        }

        /// Returns the most that it offers to mend what it finds.
        pub fn remedy(self) -> Remedy {
            match self { $(Code::$code => Remedy::$remedy),+ }
        }

        /// Returns what is said of the check at length, in Markdown, without its heading.
        pub fn text(self) -> &'static str {
            match self {
                $(Code::$code => include_str!(concat!("../../docs/checks/", stringify!($code), ".md"))),+
            }
        }
    }
} }

codes! {
    S001 Error Safe "something does not belong here";
    S002 Error Review "a bracket is not closed, or closes nothing";
    S003 Error Review "a text has no closing quote";
    S004 Error Safe "a number and its unit are spelt or spaced otherwise than they must be";
    S005 Error Review "a clause has no value on its line";
    S006 Error Safe "a symbol or statement of another language or place";
    S007 Error Review "an unknown key";
    S008 Error Review "a clause or key is given twice";
    S009 Warning Safe "a name mixes scripts or hides direction characters";
    S010 Error None "a file goes over the bounds of the language";
    S011 Error None "a file cannot be read as text";
    S012 Error None "a feature that this command does not run yet";
    N001 Error Review "there is no such slice";
    N002 Error Review "a slice has no such method";
    N003 Error Review "nothing here has this name";
    N004 Error Review "a call takes no such argument";
    N005 Error Review "a required input is not filled";
    N006 Error None "two things have one name";
    N007 Hint Review "a value is used before the line that declares it";
    N008 Warning None "a name hides another";
    N009 Error Safe "a reserved word is used as a name";
    N010 Error Review "a value has no such field";
    N011 Error Review "a file cannot be imported";
    N012 Error None "a file that a call names cannot be used";
    T001 Error Review "a value of another type is wanted";
    T002 Error Review "a value of another unit is wanted";
    T003 Error None "units cannot be combined";
    T004 Error Review "a number needs a unit";
    T005 Warning Review "a number is suspiciously small or large for its unit";
    T006 Error Safe "there is no such unit";
    T007 Error Review "a value is out of its range";
    T008 Error Review "a text is not one of the allowed ones";
    T009 Error Review "a value may be none here";
    T010 Error Review "several values can fill an input";
    T011 Error None "an `else` gives another type than its step";
    T012 Error Review "a match does not cover every case, or an arm can never be reached";
    T013 Warning Review "a comparison always has the same result";
    T014 Error Safe "a quoted text stands where a literal is wanted";
    T015 Error Review "a date or range that does not exist";
    T016 Error Safe "an argument needs a name";
    T017 Error None "a stream stands where a list is wanted";
    G001 Error None "steps depend on each other in a circle";
    G002 Warning Review "nothing uses a result";
    G003 Warning Safe "a declaration is never used";
    G004 Warning Review "a step never runs";
    G005 Warning Review "too many things start at once";
    G006 Warning None "the worst case takes longer than the caller waits";
    G007 Warning None "runs of a periodic step would overlap";
    P001 Error Review "live trading without limits";
    P002 Error Review "live trading lacks a limit";
    P003 Error Review "a limit is looser than the house policy";
    P004 Error Review "orders reach the broker without passing a risk check";
    P005 Error Review "an order step is retried";
    P006 Warning Review "a step that talks to the network has no time-out";
    P007 Error Review "a secret is written in a file";
    P008 Error Review "live orders can be made from degraded data";
    P009 Warning None "more orders in a minute than the limit lets through";
    P010 Error Review "a limit lets no order through";
    B001 Error Review "a rule reads a bar that has not happened yet";
    B002 Error Review "a signal fills at the close that made it";
    B003 Error Review "fewer bars are loaded than a rule looks back";
    B004 Error Review "a result is measured on the bars that chose its parameters";
    B005 Warning Review "train and test windows touch";
    B006 Warning Review "today's symbols are used for the past";
    B007 Warning Review "a backtest has no trading costs";
    B009 Warning None "a slower value still changes inside its bar";
    B010 Warning None "an entry has neither an exit nor a stop";
    B011 Error Review "a strategy wants bars of another timeframe";
    B012 Warning None "so many combinations that the best is likely luck";
    B013 Warning Safe "a random method has no seed";
    B014 Error Review "a stop or target lies on the wrong side of the entry";
    B015 Warning None "a rule can never be true";
    B016 Warning Review "a symbol is in a list twice";
    E001 Error None "an expectation of a test does not hold";
    E002 Error None "a run of a test ends as nothing in the test expects";
    E003 Error Review "a test would touch the world";
    F001 Hint Safe "a file is not formatted";
    F002 Hint Safe "a name does not follow the convention";
    F003 Hint Safe "an argument is what would be wired anyway";
    F004 Warning Safe "a suppression matches nothing or gives no reason";
    F005 Warning Safe "a deprecated name is used";
}

impl Severity {
    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Hint => "hint",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

impl Code {
    /// Returns the code without its head, as in `N002`.
    pub fn short(self) -> &'static str {
        self.as_str().strip_prefix("WF-").unwrap_or_default()
    }

    /// Returns where a finding of this check can be allowed.
    pub fn allow(self) -> Allow {
        match (self, self.short().as_bytes().first(), self.severity()) {
            // A bar of the future has no value.
            (Self::B001, ..) => Allow::Never,
            (_, Some(b'P'), Severity::Error) => Allow::Policy,
            // What is wrong with the text, its names or its types leaves nothing that could run.
            (_, Some(b'B'), _) | (.., Severity::Hint | Severity::Warning) => Allow::File,
            _ => Allow::Never,
        }
    }

    /// Returns the code that people write as `text` (`WF-N002` or `N002`, any case).
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let short = upper.strip_prefix("WF-").unwrap_or(&upper);
        Self::ALL.iter().copied().find(|it| it.short() == short)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
