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

macro_rules! codes { ($($code:ident $severity:ident $title:literal;)+) => {
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
    }
} }

codes! {
    S001 Error "something does not belong here";
    S002 Error "a bracket is not closed, or closes nothing";
    S003 Error "a text has no closing quote";
    S004 Error "a unit is not written apart from its number as it must be";
    S005 Error "a clause has no value on its line";
    S006 Error "a symbol or statement of another language or place";
    S007 Error "an unknown key";
    S008 Error "a clause or key is given twice";
    S009 Warning "a name mixes scripts or hides direction characters";
    S010 Error "a file goes over the bounds of the language";
    S011 Error "a file cannot be read as text";
    S012 Error "a feature that this command does not run yet";
    N001 Error "there is no such slice";
    N002 Error "a slice has no such method";
    N003 Error "nothing here has this name";
    N004 Error "a call takes no such argument";
    N005 Error "a required input is not filled";
    N006 Error "two things have one name";
    N007 Hint "a value is used before the line that declares it";
    N008 Error "a name hides another";
    N009 Error "a reserved word is used as a name";
    N010 Error "a value has no such field";
    N011 Error "a file cannot be imported";
    T001 Error "a value of another type is wanted";
    T002 Error "a value of another unit is wanted";
    T003 Error "units cannot be combined";
    T004 Error "a number needs a unit";
    T005 Warning "a number is suspiciously small or large for its unit";
    T006 Error "there is no such unit";
    T007 Error "a value is out of its range";
    T008 Error "a text is not one of the allowed ones";
    T009 Error "a value may be none here";
    T010 Error "several values can fill an input";
    T011 Error "an `else` gives another type than its step";
    T012 Error "a match does not cover every case, or an arm can never be reached";
    T013 Warning "a comparison always has the same result";
    T014 Error "a quoted text stands where a literal is wanted";
    T015 Error "a date or range that does not exist";
    T016 Error "an argument needs a name";
    T017 Error "a stream stands where a list is wanted";
    G001 Error "steps depend on each other in a circle";
    G002 Warning "nothing uses a result";
    G003 Warning "a declaration is never used";
    G004 Warning "a step never runs";
    G005 Warning "too many things start at once";
    G006 Warning "the worst case takes longer than the caller waits";
    G007 Warning "runs of a periodic step would overlap";
    P001 Error "live trading without limits";
    P002 Error "live trading lacks a limit";
    P003 Error "a limit is looser than the house policy";
    P004 Error "orders reach the broker without passing a risk check";
    P005 Error "an order step is retried";
    P006 Warning "a step that talks to the network has no time-out";
    P007 Error "a secret is written in a file";
    P008 Error "live orders can be made from degraded data";
    P009 Warning "more orders in a minute than the limit lets through";
    P010 Error "a limit lets no order through";
    B001 Error "a rule reads a bar that has not happened yet";
    B002 Error "a signal fills at the close that made it";
    B003 Error "fewer bars are loaded than a rule looks back";
    B004 Error "a result is measured on the bars that chose its parameters";
    B005 Warning "train and test windows touch";
    B006 Warning "today's symbols are used for the past";
    B007 Warning "a backtest has no trading costs";
    B009 Warning "a slower value still changes inside its bar";
    B010 Warning "an entry has neither an exit nor a stop";
    B011 Error "a strategy wants bars of another timeframe";
    B012 Warning "so many combinations that the best is likely luck";
    B013 Warning "a random method has no seed";
    B014 Error "a stop or target lies on the wrong side of the entry";
    B015 Warning "a rule can never be true";
    B016 Warning "a symbol is in a list twice";
    F001 Hint "a file is not formatted";
    F002 Hint "a name does not follow the convention";
    F003 Hint "an argument is what would be wired anyway";
    F004 Warning "a suppression matches nothing or gives no reason";
    F005 Warning "a deprecated name is used";
}

impl Code {
    /// Returns the code that people write as `text` (`WF-N002` or `N002`, any case).
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.to_ascii_uppercase();
        let short = upper.strip_prefix("WF-").unwrap_or(&upper);
        Self::ALL.iter().copied().find(|it| it.as_str().strip_prefix("WF-") == Some(short))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
