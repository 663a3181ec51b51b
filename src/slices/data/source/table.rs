//! What the readers of files have in common: which column is what.

use std::collections::BTreeMap;

use crate::{market::BarRows, slice::Fault};

/// The rows of a file by symbol; by none where it has no column of symbols.
pub(super) type Table = BTreeMap<Option<String>, BarRows>;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The names under which columns are known, in lower case with `_` between words. The last of the date's is what pandas
/// calls an index without a name.
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

/// Which column of a file holds what.
#[derive(Debug)]
pub(super) struct Columns(Vec<(Role, usize)>);

impl Columns {
    /// Finds the columns by their names; an error names what is missing.
    pub(super) fn find(source: &str, header: &[String]) -> Result<Self, Fault> {
        let plain = |it: &String| {
            let it = it.trim_start_matches('\u{feff}').trim().trim_matches(['<', '>', '"']).to_lowercase();
            it.replace([' ', '-'], "_")
        };
        let header_plain: Vec<String> = header.iter().map(plain).collect();
        let mut found: Vec<(Role, usize)> = Vec::new();
        for (role, names) in NAMES {
            let free = |at: &usize| !found.iter().any(|(_, taken)| taken == at);
            let place = names.iter().find_map(|name| header_plain.iter().position(|it| it == name).filter(free));
            found.extend(place.map(|at| (*role, at)));
        }
        let columns = Self(found);
        let needed = [
            (Role::Date, "date"),
            (Role::Open, "open"),
            (Role::High, "high"),
            (Role::Low, "low"),
            (Role::Close, "close"),
        ];
        let missing: Vec<_> = needed.iter().filter(|it| columns.get(it.0).is_none()).map(|it| it.1).collect();
        if missing.is_empty() {
            return Ok(columns);
        }
        Err(Fault::input(format_args!(
            "`{source}` has no column `{}`: its columns are `{}`; name them as in `date, open, high, low, close, volume`",
            missing.join("`, `"),
            header.join("`, `"),
        )))
    }

    /// Returns where the column of this role is.
    pub(super) fn get(&self, role: Role) -> Option<usize> {
        self.0.iter().find(|it| it.0 == role).map(|it| it.1)
    }
}
