//! What a method does with bars and decisions, as far as the checker must know it to reason about time and trust.

/// What a method does with bars and decisions. The texts are names of its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Loads the bars of a symbol.
    Loads {
        /// Of which symbol.
        symbol: &'static str,
        /// From the first to the last day; all there are where nothing is given.
        period: Option<&'static str>,
        /// How long a bar is.
        timeframe: Option<&'static str>,
        /// How many of the latest.
        count: Option<&'static str>,
    },
    /// Gives a part of bars.
    Cuts {
        /// Of which bars.
        bars: &'static str,
        /// From the first to the last day.
        period: &'static str,
        /// How many bars before the period come along, only to warm up.
        warmup: Option<&'static str>,
    },
    /// Lets a strategy decide on bars and gives what came of it.
    Decides {
        /// Which strategy, or which choice of strategies.
        strategy: &'static str,
        /// On which bars.
        bars: &'static str,
    },
    /// Chooses among trials by what they came to.
    Chooses {
        /// The list of trials.
        among: &'static str,
    },
    /// Fits something to bars as a whole, so that what it gives knows all of them.
    Fits {
        /// To which bars.
        bars: &'static str,
    },
    /// Chooses the parameters of a strategy on some of the bars and gives what came of it on others.
    Validates {
        /// Which strategy.
        strategy: &'static str,
        /// On which bars.
        bars: &'static str,
    },
    /// Lists symbols as they were on a day, as they are today where none is given.
    Lists {
        /// The day.
        as_of: &'static str,
    },
    /// Holds what is to be traded against the limits: what it gives may be sent to a broker.
    Guards,
}

impl Role {
    /// Every name, in the order of the roles.
    pub const NAMES: [&str; 8] = ["loads", "cuts", "decides", "chooses", "fits", "validates", "lists", "guards"];

    /// Returns its name in the catalogue.
    pub fn name(self) -> &'static str {
        match self {
            Role::Loads { .. } => "loads",
            Role::Cuts { .. } => "cuts",
            Role::Decides { .. } => "decides",
            Role::Chooses { .. } => "chooses",
            Role::Fits { .. } => "fits",
            Role::Validates { .. } => "validates",
            Role::Lists { .. } => "lists",
            Role::Guards => "guards",
        }
    }

    /// Returns the names of the inputs that it tells of.
    pub fn inputs(self) -> Vec<&'static str> {
        match self {
            Role::Loads { symbol, period, timeframe, count } => {
                std::iter::once(symbol).chain(period).chain(timeframe).chain(count).collect()
            }
            Role::Cuts { bars, period, warmup } => [bars, period].into_iter().chain(warmup).collect(),
            Role::Decides { strategy, bars } | Role::Validates { strategy, bars } => vec![strategy, bars],
            Role::Chooses { among } => vec![among],
            Role::Fits { bars } => vec![bars],
            Role::Lists { as_of } => vec![as_of],
            Role::Guards => Vec::new(),
        }
    }
}
