//! What a page shows, found among the outputs of a run, however deep.

use serde_json::{Value as Json, json};

use super::{search, summary};
use crate::{
    market::{BacktestReport, Bars, Objective},
    value::{Detail, Name, Value},
};

/// The outputs of a run by what they are.
#[derive(Default)]
pub(super) struct Found {
    /// Reports of backtests, each once, with what to call it.
    pub reports: Vec<(String, BacktestReport)>,
    /// Searches for parameters, in full.
    pub searches: Vec<(String, Json)>,
    /// Cross-validations, in full.
    pub validations: Vec<Json>,
    /// Tables of trials: `{name, objective, less, rows: [{params, objective}]}`, and of a search what it chose.
    pub trials: Vec<Json>,
    /// Choices of strategies, with how good they were.
    pub choices: Vec<Json>,
    /// Everything else: name and value.
    pub others: Vec<(String, Json)>,
}

/// Sorts the outputs of a run.
pub(super) fn outputs(outputs: &[(Name, Value)]) -> Found {
    let mut found = Found::default();
    for (name, value) in outputs {
        let before = found.count();
        found.visit(name, value);
        let is_shown = before != found.count();
        if !is_shown && !is_report(value) {
            let mut json = summary(value);
            // The reports have said it already.
            if let Some(fields) = json.as_object_mut().filter(|_| !found.reports.is_empty()) {
                fields.shift_remove("reports");
            }
            found.others.push((name.to_string(), json));
        }
    }
    found.name();
    found
}

fn is_report(value: &Value) -> bool {
    matches!(value, Value::Domain(it) if it.name() == "BacktestReport")
}

impl Found {
    fn count(&self) -> usize {
        self.reports.len() + self.searches.len() + self.validations.len() + self.trials.len() + self.choices.len()
    }

    fn visit(&mut self, path: &str, value: &Value) {
        match value {
            Value::Domain(it) if it.name() == "BacktestReport" => {
                if let Ok(report) = BacktestReport::try_from(value.clone())
                    && !self.reports.iter().any(|it| it.1.is(&report))
                {
                    self.reports.push((path.to_owned(), report));
                }
            }
            Value::Domain(it) if it.name() == "OptimizationReport" => {
                let json = it.to_json(Detail::Full);
                self.trials.extend(search::table(path, json.get("trials"), json.get("objective")));
                self.searches.push((path.to_owned(), json));
            }
            Value::Domain(it) if it.name() == "StrategyChoice" => {
                let mut json = it.to_json(Detail::Full);
                if let Some(fields) = json.as_object_mut() {
                    let bars = it.field("bars").and_then(|it| Bars::try_from(it).ok());
                    let symbol = bars.map(|it| it.symbol.as_str().to_owned());
                    fields.insert("name".to_owned(), path.into());
                    fields.insert("symbol".to_owned(), symbol.into());
                }
                self.choices.push(json);
            }
            Value::List(items) => {
                if let Some(table) = search::trials(path, items) {
                    self.trials.push(table);
                    return;
                }
                items.iter().enumerate().for_each(|(at, it)| self.visit(&format!("{path}[{at}]"), it));
            }
            Value::Record(fields) => {
                if let Some(validation) = search::validation(path, value) {
                    self.validations.push(validation);
                    return;
                }
                let search = search::searched(path, value);
                let is_search = search.is_some();
                self.trials.extend(search);
                let fields = || fields.iter().filter(|it| !(is_search && &*it.0 == "table"));
                fields().for_each(|(name, it)| self.visit(&format!("{path}.{name}"), it));
            }
            _ => {}
        }
    }

    /// Calls each report by what it traded where that tells them apart, else by its place too.
    fn name(&mut self) {
        let traded = |report: &BacktestReport| {
            let symbols: Vec<_> = report.symbols.iter().map(|it| it.as_str()).collect();
            match &symbols[..] {
                [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", symbols.len() - 3),
                few => few.join(", "),
            }
        };
        let names: Vec<String> = self.reports.iter().map(|it| traded(&it.1)).collect();
        for ((place, _), name) in self.reports.iter_mut().zip(&names) {
            let alone = names.iter().filter(|it| *it == name).count() == 1;
            *place = if alone { name.clone() } else { format!("{name} · {place}") };
        }
    }
}

/// Returns a table of trials as the page reads it; `less` says that less of the objective is better.
pub(super) fn trial_table(name: &str, objective: &str, rows: Vec<(Json, Option<f64>)>) -> Json {
    let rows: Vec<Json> = rows.into_iter().map(|(params, it)| json!({ "params": params, "objective": it })).collect();
    let less = Objective::find(objective).is_some_and(Objective::wants_less);
    json!({ "name": name, "objective": objective, "less": less, "rows": rows })
}
