//! What a run knows by itself: the last place an input is filled from, before a method's own default.

use std::sync::Arc;

use crate::value::{Field, Ty, Value};

macro_rules! context { ($($Name:ident $text:literal $ty:expr, $doc:literal;)+) => {
    /// A value that every run has.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Context { $(#[doc = $doc] $Name),+ }

    impl Context {
        /// Every one, in order.
        pub const ALL: &[Context] = &[$(Context::$Name),+];

        /// Returns its name in files and in `wf.yaml`.
        pub fn name(self) -> &'static str {
            match self { $(Context::$Name => $text),+ }
        }

        /// Returns its type.
        pub fn ty(self) -> Ty {
            match self { $(Context::$Name => $ty),+ }
        }

        /// Returns what it is.
        pub fn doc(self) -> &'static str {
            match self { $(Context::$Name => $doc),+ }
        }
    }
} }

context! {
    Mode "mode" Ty::members(["backtest", "paper", "live", "optimize"]), "How the workflow runs.";
    Symbol "symbol" Ty::Symbol, "The symbol of this run; a workflow that wants one runs once for each.";
    Symbols "symbols" Ty::Symbol.list(), "The symbols of the run.";
    Capital "capital" Ty::Money(None), "What may be put at work.";
    Period "period" Ty::DateRange.optional(), "The days of the data; all there are where none are given.";
    Costs "costs" costs(), "What trading costs.";
    Seed "seed" Ty::Int, "From what all randomness follows.";
}

fn costs() -> Ty {
    crate::value::ty_of::<crate::market::Costs>().unwrap_or(Ty::Unknown).optional()
}

impl Context {
    /// Returns the one of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }

    /// Returns it as an input, with its bounds.
    pub fn field(self) -> Field {
        let within = match self {
            Context::Capital => "above 0".parse().ok().map(Arc::new),
            _ => None,
        };
        Field { within, ..Field::new(self.name(), self.ty(), self.doc()) }
    }

    /// Returns what it is where nobody says otherwise; symbols and seed are the caller's.
    pub fn default_value(self) -> Value {
        use crate::value::{Money, Symbol};
        let symbols = || ["AAPL", "MSFT"].into_iter().filter_map(|it| Symbol::new(it).ok()).map(Value::from);
        match self {
            Context::Mode => Value::text("backtest"),
            Context::Symbol => symbols().next().unwrap_or_default(),
            Context::Symbols => Value::list(symbols()),
            Context::Capital => Money::usd(10_000).into(),
            Context::Period | Context::Costs => Value::None,
            Context::Seed => Value::Int(0),
        }
    }
}
