//! Types in the reader's words.

use crate::value::Ty;

/// Returns what a message calls a type after `expected` or `found`: `a percent`, `money`, or the type as written.
pub fn in_words(ty: &Ty) -> String {
    let words = match ty.required() {
        Ty::Percent => "a percent",
        Ty::Money(None) => "money",
        Ty::Money(Some(currency)) => return format!("money in {currency}"),
        Ty::Duration => "a duration",
        Ty::Period => "a period of months",
        Ty::Date => "a date",
        Ty::Time => "a time of day",
        Ty::DateTime => "an instant",
        Ty::DateRange => "a range of dates",
        Ty::BarCount => "a number of bars",
        Ty::Quantity => "a quantity",
        Ty::Leverage => "a leverage",
        Ty::RMultiple => "a multiple of risk",
        Ty::Int => "a whole number",
        Ty::Decimal => "a number",
        Ty::Text => "text",
        Ty::Bool => "true or false",
        Ty::Symbol => "a symbol",
        Ty::Path => "a path",
        Ty::Union(cases) => return cases.iter().map(in_words).collect::<Vec<_>>().join(" or "),
        other => return other.to_string(),
    };
    words.into()
}

/// Returns it without its article.
pub fn in_words_plain(ty: &Ty) -> String {
    let words = in_words(ty);
    let bare = words.strip_prefix("a ").or_else(|| words.strip_prefix("an "));
    bare.unwrap_or(&words).into()
}
