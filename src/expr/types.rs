//! Types as files write them.

use super::{Fact, nearest};
use crate::{
    source::{Code, Diagnostic},
    syntax::ast,
    value::{Currency, Field, Name, Ty},
};

/// The types that a file can name.
pub trait Types {
    /// Returns the type of this name: of the catalogue, or declared in a file.
    fn named(&self, name: &str) -> Option<Ty>;
    /// Returns every name, for suggestions.
    fn names(&self) -> Vec<Name>;
    /// Takes note of what a place is, where somebody wants to know.
    fn learn(&self, _: Fact<'_>) {}
    /// Says whether somebody wants to know, for facts that cost time to gather.
    fn learns(&self) -> bool {
        false
    }
}

/// The basic and unit types, in the order in which messages name them.
pub const BASIC: &[&str] = &[
    "Bool",
    "Int",
    "Decimal",
    "Text",
    "Symbol",
    "Path",
    "Percent",
    "Money",
    "Duration",
    "Period",
    "Date",
    "Time",
    "DateTime",
    "DateRange",
    "BarCount",
    "Quantity",
    "Leverage",
    "RMultiple",
    "Any",
];

/// Returns the type that a file writes; unknown where it makes no sense, which is then reported.
pub fn resolve_type(ty: &ast::TypeExpr, types: &dyn Types, out: &mut Vec<Diagnostic>) -> Ty {
    match &ty.kind {
        ast::TypeKind::Named { name, args } => named(name, args, types, out),
        ast::TypeKind::Text(it) => Ty::members([&**it]),
        ast::TypeKind::List(item) => resolve_type(item, types, out).list(),
        ast::TypeKind::Record(fields) => {
            let mut resolved: Vec<Field> = Vec::with_capacity(fields.len());
            for (name, ty) in fields {
                if resolved.iter().any(|it| it.name == name.text) {
                    let message = format!("`{}` is given twice", name.text);
                    out.push(Diagnostic::new(Code::S008, name.span, message));
                    continue;
                }
                let ty = resolve_type(ty, types, out);
                resolved.push(Field::new(name.text.clone(), ty, ""));
            }
            Ty::Record(resolved.into())
        }
        ast::TypeKind::Optional(inner) => resolve_type(inner, types, out).optional(),
        ast::TypeKind::Union(cases) => union(&cases.iter().map(|it| resolve_type(it, types, out)).collect::<Vec<_>>()),
        ast::TypeKind::Bad => Ty::Unknown,
    }
}

/// Joins the cases of a union: texts become one choice, `?` of a case is `?` of the whole.
fn union(cases: &[Ty]) -> Ty {
    let optional = cases.iter().any(|it| matches!(it, Ty::Optional(_)));
    let mut texts: Vec<Name> = Vec::new();
    let mut others: Vec<Ty> = Vec::new();
    for case in cases.iter().map(Ty::required) {
        match case {
            Ty::Unknown => return Ty::Unknown,
            Ty::Members(names) => {
                for name in names.iter() {
                    if !texts.contains(name) {
                        texts.push(name.clone());
                    }
                }
            }
            Ty::Union(inner) => {
                let new: Vec<_> = inner.iter().filter(|it| !others.contains(it)).cloned().collect();
                others.extend(new);
            }
            other if !others.contains(other) => others.push(other.clone()),
            _ => {}
        }
    }
    if !texts.is_empty() {
        others.insert(0, Ty::Members(texts.into()));
    }
    let ty = match others.len() {
        1 => others.remove(0),
        _ => Ty::Union(others.into()),
    };
    if optional { ty.optional() } else { ty }
}

fn named(name: &ast::Name, args: &[ast::TypeExpr], types: &dyn Types, out: &mut Vec<Diagnostic>) -> Ty {
    types.learn(Fact::Type(name));
    let text = &*name.text;
    let generic = match text {
        "Series" => Some(Ty::Series as fn(_) -> _),
        "Stream" => Some(Ty::Stream as fn(_) -> _),
        "Range" => Some(Ty::Range as fn(_) -> _),
        _ => None,
    };
    match (text, generic, args) {
        ("Money", _, [currency]) => return money(currency, out),
        (_, Some(of), [inner]) => return of(resolve_type(inner, types, out).into()),
        (_, Some(_), _) => {
            let example = if text == "Range" { "Int" } else { "Decimal" };
            let message = format!("`{text}` needs the type of its values");
            out.push(
                Diagnostic::new(Code::T001, name.span, message)
                    .help(format!("write it in angle brackets, as in `{text}<{example}>`")),
            );
            return Ty::Unknown;
        }
        (_, None, [first, ..]) => {
            out.push(Diagnostic::new(Code::T001, first.span, format!("`{text}` takes no type in angle brackets")));
            return Ty::Unknown;
        }
        _ => {}
    }
    if let Some(ty) = Ty::named(text).or_else(|| types.named(text)) {
        return ty;
    }
    let names = types.names();
    let known = BASIC.iter().copied().chain(names.iter().map(|it| &**it)).chain(["Series", "Stream"]);
    let mut diagnostic = Diagnostic::new(Code::N003, name.span, format!("there is no type `{text}`"));
    if let Some(like) = alias(text).or_else(|| nearest(text, known)) {
        diagnostic = diagnostic.fix("a type with a similar name exists", name.span, like);
    }
    out.push(diagnostic);
    Ty::Unknown
}

/// Returns what the language calls a type of other languages.
fn alias(text: &str) -> Option<&'static str> {
    Some(match text.to_ascii_lowercase().as_str() {
        "string" | "str" => "Text",
        "integer" | "i64" | "u64" => "Int",
        "float" | "double" | "number" | "f64" => "Decimal",
        "boolean" => "Bool",
        "file" => "Path",
        "ticker" => "Symbol",
        "timestamp" => "DateTime",
        _ => return None,
    })
}

fn money(currency: &ast::TypeExpr, out: &mut Vec<Diagnostic>) -> Ty {
    let ast::TypeKind::Named { name, args } = &currency.kind else {
        if !matches!(currency.kind, ast::TypeKind::Bad) {
            out.push(Diagnostic::new(Code::T001, currency.span, "a currency is wanted here, as in `Money<USD>`"));
        }
        return Ty::Money(None);
    };
    let code = Currency::new(&name.text).filter(|_| args.is_empty());
    if code.is_none() {
        let upper = name.text.to_ascii_uppercase();
        let message = format!("`{}` is no currency: 3 to 6 capital letters are wanted", name.text);
        let mut diagnostic = Diagnostic::new(Code::T006, currency.span, message);
        if Currency::new(&upper).is_some() {
            diagnostic = diagnostic.fix("write it in capitals", currency.span, upper);
        }
        out.push(diagnostic);
    }
    Ty::Money(code)
}
