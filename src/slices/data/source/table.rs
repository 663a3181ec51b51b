//! What the readers of files have in common: which column is what, and what people say about files that do not say it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;

use crate::{
    market::{BarRows, Calendar},
    slice::Fault,
    value::{Duration, Symbol},
};

/// The rows of a file in parts, by symbol; by none where it has no column of symbols.
pub(super) type Table = BTreeMap<Option<String>, Vec<BarRows>>;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Date,
    Time,
    Open,
    High,
    Low,
    Close,
    Volume,
    AdjustedClose,
    Symbol,
}

/// The names under which columns are known, in lower case with `_` between words; the first is the one that settings use. The
/// last of the date's is what pandas calls an index without a name.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::Date,
        &["date", "datetime", "date_time", "timestamp", "day", "time", "open_time", "ts", "__index_level_0__"],
    ),
    (Role::Time, &["time"]),
    (Role::Open, &["open", "o", "open_price"]),
    (Role::High, &["high", "h", "high_price", "max"]),
    (Role::Low, &["low", "l", "low_price", "min"]),
    (Role::Close, &["close", "c", "close/last", "close_price", "last"]),
    (Role::Volume, &["volume", "vol", "v", "tick_volume", "tickvol"]),
    (Role::AdjustedClose, &["adj_close", "adjclose", "adjusted_close", "adj._close"]),
    (Role::Symbol, &["symbol", "ticker", "instrument", "name", "sym"]),
];

/// What a file must have: bars without volume or symbol are bars.
const NEEDED: [Role; 5] = [Role::Date, Role::Open, Role::High, Role::Low, Role::Close];

impl Role {
    /// Returns what settings call it.
    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|it| it.0 == self).and_then(|it| it.1.first()).copied().unwrap_or_default()
    }
}

/// What is said about files beside where they are.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The names of columns that have other names than the usual ones.
    pub(super) columns: BTreeMap<Role, String>,
    /// Whose bars files are that do not say it themselves.
    pub symbol: Option<Symbol>,
    /// How long a bar is, where it is not to be told from their distances.
    pub timeframe: Option<Duration>,
    /// The zone of times that are written without one; UTC where it is not said.
    pub timezone: Option<TimeZone>,
    /// When the market is open.
    pub calendar: Calendar,
}

impl Layout {
    /// The names of what columns can be.
    pub fn roles() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|it| it.0.name())
    }

    /// Says what the column of a role is called.
    ///
    /// # Errors
    /// Where there is no such role: the message names those that there are.
    pub fn column(&mut self, role: &str, name: &str) -> Result<(), Fault> {
        let Some((role, _)) = NAMES.iter().find(|it| it.0.name() == role) else {
            let roles: Vec<_> = Self::roles().collect();
            return Err(Fault::input(format_args!("there is no column `{role}`: there are {}", roles.join(", "))));
        };
        self.columns.insert(*role, name.to_owned());
        Ok(())
    }
}

/// Which column of a file holds what.
#[derive(Debug)]
pub(super) struct Columns(Vec<(Role, usize)>);

impl Columns {
    /// Finds the columns by the names that the layout says, else by the usual ones; an error names what is missing.
    pub(super) fn find(source: &str, header: &[String], layout: &Layout) -> Result<Self, Fault> {
        let plain = |it: &String| {
            let it = it.trim_start_matches('\u{feff}').trim().trim_matches(['<', '>', '"']).to_lowercase();
            it.replace([' ', '-'], "_")
        };
        let header_plain: Vec<String> = header.iter().map(plain).collect();
        let listed = || header.join("`, `");
        let mut found: Vec<(Role, usize)> = Vec::new();
        for (role, name) in &layout.columns {
            let Some(at) = header_plain.iter().position(|it| *it == plain(name)) else {
                return Err(Fault::input(format_args!(
                    "`{source}` has no column `{name}`, which `columns` names as its {}: its columns are `{}`",
                    role.name(),
                    listed()
                )));
            };
            found.push((*role, at));
        }
        for (role, names) in NAMES.iter().filter(|it| !layout.columns.contains_key(&it.0)) {
            let free = |at: &usize| !found.iter().any(|(_, taken)| taken == at);
            let place = names.iter().find_map(|name| header_plain.iter().position(|it| it == name).filter(free));
            found.extend(place.map(|at| (*role, at)));
        }
        let columns = Self(found);
        let missing: Vec<_> = NEEDED.iter().filter(|it| columns.get(**it).is_none()).map(|it| it.name()).collect();
        if missing.is_empty() {
            return Ok(columns);
        }
        let (first, usual) = (missing.first().copied().unwrap_or_default(), "date, open, high, low, close, volume");
        Err(Fault::input(if columns.0.is_empty() && header.iter().any(|it| it.trim().parse::<f64>().is_ok()) {
            format!("`{source}` line 1 holds figures, not the names of columns: put a line such as `{usual}` above it")
        } else {
            format!(
                "`{source}` has no column `{}`: its columns are `{}`; name them as in `{usual}`, or say in wf.yaml what \
                 they are called, as in `data: {{columns: {{{first}: …}}}}`",
                missing.join("`, `"),
                listed(),
            )
        }))
    }

    /// Returns where the column of this role is.
    pub(super) fn get(&self, role: Role) -> Option<usize> {
        self.0.iter().find(|it| it.0 == role).map(|it| it.1)
    }

    /// Returns every column that is known, with its place.
    pub(super) fn all(&self) -> impl Iterator<Item = (Role, usize)> {
        self.0.iter().copied()
    }

    /// Returns the places of its columns in order, and where they are where there are no others.
    pub(super) fn alone(&self) -> (Vec<usize>, Self) {
        let places: BTreeSet<usize> = self.0.iter().map(|it| it.1).collect();
        let at = |place: usize| places.range(..place).count();
        let alone = Self(self.0.iter().map(|(role, place)| (*role, at(*place))).collect());
        (places.into_iter().collect(), alone)
    }
}
