//! Whether an expression is what its place wants, and what to say where it is not.

use rust_decimal::Decimal;

use super::{
    Expr, Kind,
    eval::convert,
    lower::{Lowering, const_of, unknown},
    ops::{is_number, is_textual, is_unit},
    suggest::nearest,
    words::in_words,
};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::{ast::BinaryOp, literal},
    value::{Duration, Field, Percent, Symbol, Ty, Value, one_of},
};

impl Lowering<'_> {
    /// Returns the expression as its place wants it; reports where it is not that, and returns one of unknown type.
    pub(super) fn fit(&mut self, expr: Expr, want: Option<&Ty>) -> Expr {
        let Some(want) = want else { return expr };
        if let Some(Value::Text(text)) = const_of(&expr)
            && expr.ty == Ty::Text
        {
            let text = text.clone();
            return self.text(&text, expr, want);
        }
        if expr.ty.fits(want) {
            return expr;
        }
        self.unfit(&expr, want);
        unknown(expr.span)
    }

    /// Turns quoted text into what is wanted: the first case that takes it.
    fn text(&mut self, text: &str, expr: Expr, want: &Ty) -> Expr {
        let cases = match want.required() {
            Ty::Union(cases) => cases.to_vec(),
            other => vec![other.clone()],
        };
        let takes = |case: &Ty| match case {
            Ty::Unknown | Ty::Any | Ty::Text | Ty::Path => true,
            Ty::Members(names) => names.iter().any(|it| **it == *text),
            Ty::Symbol => Symbol::new(text).is_ok(),
            _ => false,
        };
        if let Some(case) = cases.iter().find(|it| takes(it)) {
            let ty = if matches!(case, Ty::Unknown | Ty::Any) { Ty::Text } else { case.clone() };
            return match convert(&Value::text(text), &ty) {
                Ok(value) => Expr { kind: Kind::Const(value), ty, span: expr.span },
                Err(_) => expr,
            };
        }
        let diagnostic = if let Some(Ty::Members(names)) = cases.iter().find(|it| matches!(it, Ty::Members(_))) {
            let known = one_of(names, ", ");
            let found = Diagnostic::new(Code::T008, expr.span, format!("\"{text}\" is not one of {known}"));
            match nearest(text, names.iter().map(|it| &**it)) {
                Some(like) => found.fix("a similar one exists", expr.span, format!("\"{like}\"")),
                None => found,
            }
        } else if cases.contains(&Ty::Symbol) {
            let why = Symbol::new(text).err().map_or_else(String::new, |it| it.to_string());
            Diagnostic::new(Code::T001, expr.span, why)
        } else if let Some(value) = literal::read(text).filter(|it| want.mismatch(it).is_none()) {
            quoted(text, &value, expr.span)
        } else {
            let mut found = Diagnostic::new(Code::T001, expr.span, expected(want, &expr.ty)).here("this is text");
            if cases.iter().any(|it| matches!(it, Ty::List(item) if is_textual(item))) {
                found = found.fix("make it a list of one", expr.span, format!("[\"{text}\"]"));
            }
            if let Some(name) = self.scope.names().into_iter().find(|(name, ty)| **name == *text && ty.fits(want)) {
                found = found.fix("without quotes it is the value of this name", expr.span, &*name.0);
            }
            found
        };
        self.report(diagnostic);
        unknown(expr.span)
    }

    fn unfit(&mut self, expr: &Expr, want: &Ty) {
        let (found, wanted) = (expr.ty.required(), want.required());
        let diagnostic = if matches!(found, Ty::Stream(_)) && !matches!(wanted, Ty::Stream(_)) {
            return self.stream_for_list(expr.span);
        } else if found != &expr.ty && found.fits(want) {
            self.may_be_none(expr, want)
        } else if is_number(found) && wants_unit(wanted) {
            needs_unit(expr, wanted)
        } else if (is_unit(found) || is_number(found)) && (is_unit(wanted) || is_number(wanted)) {
            self.other_unit(expr, want)
        } else {
            self.other_type(expr, want)
        };
        self.report(diagnostic);
    }

    fn may_be_none(&self, expr: &Expr, want: &Ty) -> Diagnostic {
        let name = self.written(expr);
        let found = Diagnostic::new(
            Code::T009,
            expr.span,
            match &name {
                Some(name) => format!("`{name}` may be none here"),
                None => "this may be none here".into(),
            },
        );
        let found = found.here(format!("expected {want}, found {}", expr.ty));
        match &name {
            Some(name) => found
                .help(format!("go on only when it is there: add `when {name} != none`"))
                .note("or give the step that makes it an `else` value"),
            None => found.note("give the step that makes it an `else` value"),
        }
    }

    fn other_unit(&mut self, expr: &Expr, want: &Ty) -> Diagnostic {
        let found = expr.ty.required();
        if let (Ty::Money(Some(a)), Ty::Money(Some(b))) = (found, want.required()) {
            return Diagnostic::new(Code::T003, expr.span, format!("expected {b}, found {a}"))
                .here(format!("this is {found}"));
        }
        let both_numbers = is_number(found) && is_number(want.required());
        let code = if both_numbers { Code::T001 } else { Code::T002 };
        let diagnostic = Diagnostic::new(code, expr.span, expected(want, found)).here(format!("this is {found}"));
        let capital = self.scope.names().iter().any(|(name, ty)| **name == *"capital" && matches!(ty, Ty::Money(_)));
        match (found, want.required()) {
            (Ty::Percent, Ty::Money(_)) if capital => {
                diagnostic.fix("say what it is a percent of", expr.span.after(), " of capital")
            }
            (Ty::Percent, Ty::Money(_)) => diagnostic.help("say what it is a percent of, as in `5% of capital`"),
            (Ty::Decimal, Ty::Int) => diagnostic,
            (Ty::Duration, Ty::BarCount) => match const_of(expr) {
                Some(Value::Duration(it)) if it.0 > 0 && it.0 % Duration::DAY.0 == 0 => {
                    let bars = format!("{} bars", it.0 / Duration::DAY.0);
                    diagnostic.fix("say how many bars it is, here of a day each", expr.span, bars)
                }
                _ => diagnostic.help("say how many bars it is, as in `20 bars`"),
            },
            (_, wanted) if is_number(wanted) && !is_number(found) => match const_of(expr).and_then(bare_number) {
                Some(number) => diagnostic.fix("a number without unit is wanted", expr.span, number),
                None => diagnostic,
            },
            _ => diagnostic,
        }
    }

    fn other_type(&mut self, expr: &Expr, want: &Ty) -> Diagnostic {
        let found = Diagnostic::new(Code::T001, expr.span, expected(want, &expr.ty));
        if let Kind::Const(_) = expr.kind {
            return found;
        }
        let whole = want.required();
        if let (Ty::List(wanted), Ty::List(given)) = (whole, expr.ty.required()) {
            match (&**wanted, &**given) {
                (_, Ty::None) => return found.help("its loop gives nothing: end its body with `yield …`"),
                (Ty::Record(wanted), Ty::Record(given)) => {
                    let fits = |it: &&Field| given.iter().any(|own| own.name == it.name && own.ty.fits(&it.ty));
                    let lacks = wanted.iter().find(|it| !it.is_optional() && !fits(it));
                    if let Some(lacks) = lacks {
                        return found.note(format!("its items lack `{lacks}`"));
                    }
                }
                _ => {}
            }
        }
        // A field of the value itself is the likeliest, then a value of the right type.
        let field = self.scope.fields(expr.ty.required()).into_iter().find(|it| it.ty == *whole);
        if let (Some(field), Some(name)) = (field, self.written(expr)) {
            let title = format!("`{name}.{}` is {}", field.name, in_words(&field.ty));
            return found.fix(title, expr.span.after(), format!(".{}", field.name));
        }
        let names = self.scope.names();
        let mut fitting = names.iter().filter(|(_, ty)| !matches!(ty, Ty::Unknown | Ty::Any) && ty.fits(want));
        match (fitting.next(), matches!(whole, Ty::Domain(_) | Ty::Record(_) | Ty::List(_))) {
            (Some((name, ty)), true) => found.fix(format!("`{name}` is {}", in_words(ty)), expr.span, &**name),
            _ => found,
        }
    }

    /// Reports a stream in the place of something else.
    pub(super) fn stream_for_list(&mut self, span: Span) {
        self.report(
            Diagnostic::new(Code::T017, span, "a stream is given where a value is wanted")
                .here("values that come one by one")
                .help("handle each as it comes: `on x in … { }`"),
        );
    }

    /// Returns the type of a value that must be there; reports where it may be none.
    pub(super) fn there(&mut self, expr: &Expr) -> Ty {
        match &expr.ty {
            Ty::Optional(inner) if self.scope.is_trusting() => (**inner).clone(),
            Ty::Optional(inner) => {
                let inner = (**inner).clone();
                let diagnostic = self.may_be_none(expr, &inner);
                self.report(diagnostic);
                Ty::Unknown
            }
            Ty::None => {
                self.report(Diagnostic::new(Code::T001, expr.span, "a value is wanted here, this is none"));
                Ty::Unknown
            }
            ty => ty.clone(),
        }
    }

    /// Reports a bare number beside a unit, if that is what the two are.
    pub(super) fn number_beside_unit(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> bool {
        let takes_numbers = matches!(op, BinaryOp::Mul | BinaryOp::Div | BinaryOp::Of | BinaryOp::In);
        let pair = [(left, right), (right, left)]
            .into_iter()
            .find(|(number, unit)| is_number(&number.ty) && const_of(number).is_some() && is_unit(unit.ty.required()));
        let Some((number, unit)) = pair.filter(|_| !takes_numbers) else { return false };
        let diagnostic =
            needs_unit(number, unit.ty.required()).label(unit.span, format!("this is {}", in_words(&unit.ty)));
        self.report(diagnostic);
        true
    }

    /// Reports a quoted literal beside what it would be without quotes, if that is what the two are.
    pub(super) fn text_beside_literal(&mut self, left: &Expr, right: &Expr) -> bool {
        for (text, other) in [(left, right), (right, left)] {
            if text.ty == Ty::Text
                && !is_textual(&other.ty)
                && let Some(Value::Text(it)) = const_of(text)
                && let Some(value) = literal::read(it).filter(|it| other.ty.required().mismatch(it).is_none())
            {
                let diagnostic = quoted(it, &value, text.span);
                self.report(diagnostic);
                return true;
            }
        }
        false
    }

    /// Returns the name that an expression is written as, if it is one.
    pub(super) fn written(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            Kind::Slot(_) | Kind::Context(_) => self.names.get(&expr.span).map(ToString::to_string),
            Kind::Field(base, name) => self.written(base).map(|base| format!("{base}.{name}")),
            _ => None,
        }
    }
}

/// Returns the sentence that every mismatch of types begins with.
pub(super) fn expected(want: &Ty, found: &Ty) -> String {
    let of = |ty: &Ty| if matches!(ty, Ty::Optional(_)) { ty.to_string() } else { in_words(ty) };
    format!("expected {}, found {}", in_words(want), of(found))
}

fn quoted(text: &str, value: &Value, span: Span) -> Diagnostic {
    let kind = in_words(&super::lower::literal_ty(value));
    Diagnostic::new(Code::T014, span, format!("\"{text}\" in quotes is text; {kind} is wanted")).safe_fix(
        "remove the quotes",
        span,
        text,
    )
}

fn needs_unit(expr: &Expr, want: &Ty) -> Diagnostic {
    let Some(value) = const_of(expr) else {
        return Diagnostic::new(Code::T002, expr.span, expected(want, &expr.ty)).here("a number without a unit");
    };
    let found = Diagnostic::new(Code::T004, expr.span, format!("`{value}` needs a unit: {} is wanted", in_words(want)));
    // Half of all programs write 0.02 for two percent.
    let found = match (want, value) {
        (Ty::Percent, Value::Decimal(it)) if !it.is_zero() && it.abs() < Decimal::ONE => {
            let meant = Percent(*it).to_string();
            found.fix(format!("write `{meant}`"), expr.span, meant)
        }
        _ => found,
    };
    // Nobody means twenty thousand percent.
    let large = matches!((want, value), (Ty::Union(_), Value::Int(it)) if it.unsigned_abs() > 1_000);
    let suffixes = suffixes(want).into_iter().filter(|it| !large || !matches!(&**it, "%" | "bps"));
    suffixes.fold(found, |found, suffix| {
        found.fix(format!("write `{value}{suffix}`"), expr.span, format!("{value}{suffix}"))
    })
}

/// Says whether a type, or every case of it, has a unit.
fn wants_unit(ty: &Ty) -> bool {
    match ty {
        Ty::Union(cases) => cases.iter().all(is_unit),
        other => is_unit(other),
    }
}

/// Returns what may stand behind a number to make it one of this type, the likeliest first.
fn suffixes(want: &Ty) -> Vec<String> {
    let known: &[&str] = match want {
        Ty::Percent => &["%", "bps"],
        Ty::Duration => &["s", "m", "h", "d"],
        Ty::Period => &["mo", "y"],
        Ty::BarCount => &[" bars"],
        Ty::Quantity => &[" shares"],
        Ty::Leverage => &["x"],
        Ty::RMultiple => &["R"],
        Ty::Money(Some(currency)) => return vec![format!(" {currency}")],
        Ty::Money(None) => &[" USD"],
        Ty::Union(cases) => {
            // A share is likelier meant than an amount.
            let (shares, others): (Vec<&Ty>, Vec<&Ty>) = cases.iter().partition(|it| **it == Ty::Percent);
            return shares.into_iter().chain(others).filter_map(|it| suffixes(it).into_iter().next()).collect();
        }
        _ => &[],
    };
    known.iter().map(|it| (*it).to_owned()).collect()
}

/// Returns the number inside a literal with a unit, as text.
fn bare_number(value: &Value) -> Option<String> {
    let text = value.to_string();
    let end = text.find(|it: char| !(it.is_ascii_digit() || "._-".contains(it))).unwrap_or(text.len());
    text.get(..end).filter(|it| !it.is_empty()).map(ToOwned::to_owned)
}
