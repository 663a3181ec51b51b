//! Columns of files whose values have types, and the rows that they make up.

use std::collections::HashMap;

use super::{
    cells::{self, Dates},
    table::{Layout, Role, Table},
};
use crate::{market::BarRows, slice::Fault};

/// A column's values.
pub(super) enum Column {
    /// NaN where there is none.
    Figures(Vec<f64>),
    /// Seconds since 1970, and the first row that has none.
    Times(Vec<i64>, Option<usize>),
    /// Empty where there is none.
    Texts(Texts),
}

/// Texts one behind the other.
#[derive(Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    /// Returns none, with room for so many.
    pub(super) fn with_room(count: usize) -> Self {
        Self { bytes: Vec::new(), ends: Vec::with_capacity(count) }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(*start..*end).unwrap_or_default())
    }
}

/// Returns the fault of a column that has more than one value a row.
pub(super) fn nested(name: &str, source: &str) -> Fault {
    Fault::input(format_args!("column `{name}` of `{source}` holds lists or records, not one figure a row"))
}

/// Returns the fault of a column whose type is of no use.
pub(super) fn no_figures(name: &str, source: &str) -> Fault {
    Fault::input(format_args!("column `{name}` of `{source}` is of a type that holds no figures"))
}

/// Makes rows of the columns that `read` gives; `before` is how many rows of the file are before them. The symbols are not read.
pub(super) fn rows(
    before: u64,
    source: &str,
    layout: &Layout,
    mut read: impl FnMut(Role) -> Result<Option<Column>, Fault>,
) -> Result<BarRows, Fault> {
    let date = read(Role::Date)?.unwrap_or(Column::Texts(Texts::default()));
    let time = times(date, read(Role::Time)?, before, source, layout)?;
    let mut figures = |role| Ok::<_, Fault>(read(role)?.map(|it| figures(it, source)).transpose()?.unwrap_or_default());
    Ok(BarRows {
        row: (before + 1..=before + time.len() as u64).collect(),
        time,
        open: figures(Role::Open)?,
        high: figures(Role::High)?,
        low: figures(Role::Low)?,
        close: figures(Role::Close)?,
        volume: figures(Role::Volume)?,
        adjusted_close: figures(Role::AdjustedClose)?,
    })
}

/// Parts rows by the column of symbols. Rows of one symbol mostly stand together, so that columns are copied by whole stretches.
pub(super) fn by_symbol(rows: BarRows, symbols: Column, source: &str) -> Result<Table, Fault> {
    let Column::Texts(symbols) = symbols else {
        return Err(Fault::input(format_args!("the symbols of `{source}` are no text")));
    };
    let text = |it: &[u8]| String::from_utf8_lossy(it).into_owned();
    let mut all = symbols.iter();
    if let Some(first) = all.next().filter(|first| all.all(|it| it == *first)) {
        return Ok(Table::from([(Some(text(first)), vec![rows])]));
    }
    let mut table: Vec<(&[u8], BarRows)> = Vec::new();
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut texts = symbols.iter().enumerate().peekable();
    while let Some((start, symbol)) = texts.next() {
        let mut end = start + 1;
        while texts.next_if(|it| it.1 == symbol).is_some() {
            end += 1;
        }
        let place = *places.entry(symbol).or_insert_with(|| {
            table.push((symbol, BarRows::default()));
            table.len() - 1
        });
        if let Some((_, part)) = table.get_mut(place) {
            part.extend_from(&rows, start..end);
        }
    }
    Ok(table.into_iter().map(|(symbol, rows)| (Some(text(symbol)), vec![rows])).collect())
}

fn figures(column: Column, source: &str) -> Result<Vec<f64>, Fault> {
    match column {
        Column::Figures(it) => Ok(it),
        Column::Times(..) => Err(Fault::input(format_args!("`{source}` has times where prices are wanted"))),
        Column::Texts(it) => it
            .iter()
            .map(|cell| {
                let bad =
                    |problem| Fault::input(format_args!("`{source}`: `{}` {problem}", String::from_utf8_lossy(cell)));
                cells::number(cell).map_err(bad)
            })
            .collect(),
    }
}

fn times(column: Column, clock: Option<Column>, before: u64, source: &str, layout: &Layout) -> Result<Vec<i64>, Fault> {
    let bad =
        |at: usize, problem: &str| Fault::input(format_args!("`{source}` row {}: {problem}", before + at as u64 + 1));
    let mut dates = Dates::new(layout);
    match (column, clock) {
        (Column::Times(it, missing), None) => match missing {
            Some(at) => Err(bad(at, "the date is missing")),
            None => Ok(it),
        },
        (Column::Texts(it), None) => {
            let read = |(at, it): (usize, &[u8])| dates.instant(it, None).map_err(|it| bad(at, &it));
            it.iter().enumerate().map(read).collect()
        }
        (Column::Texts(days), Some(Column::Texts(clocks))) => {
            let read = |(at, (day, clock)): (usize, (&[u8], &[u8]))| {
                dates.instant(day, Some(clock)).map_err(|it| bad(at, &it))
            };
            days.iter().zip(clocks.iter()).enumerate().map(read).collect()
        }
        (Column::Figures(it), None) => {
            let read = |(at, it): (usize, f64)| {
                let text = if it.is_finite() { format!("{it:.0}") } else { String::new() };
                dates.instant_of(&text, "").map_err(|it| bad(at, &it))
            };
            it.into_iter().enumerate().map(read).collect()
        }
        _ => Err(Fault::input(format_args!(
            "`{source}` has a column for the day and one for the time of day that are no texts: join them in one timestamp"
        ))),
    }
}
