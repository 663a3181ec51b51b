//! Edits that add a clause or an argument to a step, in either form of a file.

use super::{
    in_yaml,
    walk::{Walk, indent},
    wire::Site,
};
use crate::source::{Edit, Fix, Span};

impl Walk<'_, '_> {
    /// Returns the mend that adds a clause behind `place` to the step around it.
    pub fn with_clause(&self, title: &str, place: Span, word: &str, value: &str) -> Fix {
        let sources = self.session.sources;
        let site = self.steps.last();
        let edit = if self.is_yaml() {
            let entry = format!("{word}: {}", in_yaml::value(value));
            site.filter(|it| it.is_call).and_then(|_| in_yaml::behind(sources, place, &entry))
        } else {
            let text = |span| sources.get(place.file).map(|it| format!("\n{}  {word} {value}", indent(it, span)));
            text(site.map_or(place, |it| it.span)).map(|text| Edit { span: place.after(), text })
        };
        let colon = if self.is_yaml() { ":" } else { "" };
        fix(title, edit, || format!("{word}{colon} {value}"))
    }

    /// Returns the mend that adds an argument to a call.
    pub fn with_argument(&self, title: &str, site: &Site<'_>, name: &str, value: &str) -> Fix {
        if self.is_yaml() {
            let sources = self.session.sources;
            let entry = format!("{name}: {}", in_yaml::value(value));
            let edit = match site.args_span {
                Some(with) => in_yaml::into_map(sources, with, &entry),
                None => in_yaml::behind(sources, site.head, &format!("with: {{{entry}}}")),
            };
            return fix(title, edit, || entry.clone());
        }
        let argument = format!("{name}: {value}");
        let edit = match (site.args_span, site.args.last().map(|it| it.span)) {
            (None, _) => Edit { span: site.head.after(), text: format!("({argument})") },
            (Some(_), Some(last)) => Edit { span: last.after(), text: format!(", {argument}") },
            (Some(span), None) => Edit { span, text: format!("({argument})") },
        };
        Fix { title: title.to_owned(), safe: false, edits: vec![edit] }
    }
}

/// Returns a mend of one edit; where there is none, its title says what to write.
fn fix(title: &str, edit: Option<Edit>, written: impl Fn() -> String) -> Fix {
    let title = if edit.is_some() { title.to_owned() } else { format!("{title}: `{}`", written()) };
    Fix { title, safe: false, edits: edit.into_iter().collect() }
}
