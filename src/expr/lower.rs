//! From the tree of an expression to a checked one: names, types, constants.

use std::collections::HashMap;

use super::{
    Expr, Fact, Found, Kind, Part, Scope, Slot, Template, apply, eval,
    ops::{self, Clash},
    suggest::nearest,
    words::in_words,
};
use crate::{
    slice::Fault,
    source::{Code, Diagnostic, Span},
    syntax::ast::{self, ArgKind, BinaryOp, ExprKind, UnaryOp},
    value::{Field, Name, Ty, Value},
};

/// Checks an expression. `want` is the type that its place wants; quoted text becomes a symbol, a path or a member there.
///
/// Every mistake is reported once; what could not be checked has the type `Unknown`, which agrees with everything.
pub fn lower(expr: &ast::Expr, scope: &mut dyn Scope, want: Option<&Ty>, out: &mut Vec<Diagnostic>) -> Expr {
    Lowering { scope, out, names: &mut HashMap::new() }.expr(expr, want)
}

/// Checks an operator between two operands that are checked already, and returns the type of its value; unknown where they
/// do not go together, which is then reported. For those who compute operands in their own way.
pub fn check_binary(
    op: BinaryOp,
    op_span: Span,
    left: &Expr,
    right: &Expr,
    scope: &mut dyn Scope,
    out: &mut Vec<Diagnostic>,
) -> Ty {
    let mut lowering = Lowering { scope, out, names: &mut HashMap::new() };
    let (a, b) = (lowering.there(left), lowering.there(right));
    match ops::binary(op, &a, &b) {
        Ok(ty) => ty,
        Err(clash) => lowering.clash(op, op_span, clash, left, right, left.span.to(right.span)).ty,
    }
}

/// The state of checking one expression.
pub struct Lowering<'a> {
    pub(super) scope: &'a mut dyn Scope,
    pub(super) out: &'a mut Vec<Diagnostic>,
    /// How the names that were resolved are written, by their place.
    pub(super) names: &'a mut HashMap<Span, Name>,
}

/// A call of a builtin, as it is written.
pub struct Call<'a> {
    pub(super) name: &'a ast::Name,
    pub(super) args: &'a [ast::Arg],
    pub(super) span: Span,
}

/// Returns an expression of which nothing is known.
pub(super) fn unknown(span: Span) -> Expr {
    Expr { kind: Kind::Const(Value::None), ty: Ty::Unknown, span }
}

/// Returns the type of the value of a literal.
pub(super) fn literal_ty(value: &Value) -> Ty {
    match value {
        Value::None => Ty::None,
        Value::Money(it) => Ty::Money(Some(it.currency)),
        Value::Domain(it) => Ty::domain(it.name()),
        other => Ty::named(other.kind()).unwrap_or(Ty::Unknown),
    }
}

/// Returns an expression with a known value.
pub(super) fn constant(value: Value, span: Span) -> Expr {
    Expr { ty: literal_ty(&value), kind: Kind::Const(value), span }
}

/// Returns the constant that an expression is.
pub(super) fn const_of(expr: &Expr) -> Option<&Value> {
    if let Kind::Const(value) = &expr.kind { Some(value) } else { None }
}

fn is_const(expr: &Expr) -> bool {
    const_of(expr).is_some() && expr.ty != Ty::Unknown
}

/// Returns the slots that are there when a condition is true.
pub fn present_when(condition: &Expr) -> Vec<Slot> {
    match &condition.kind {
        Kind::Binary(BinaryOp::Ne, a, b) => none_and_slot(a, b),
        Kind::Binary(BinaryOp::And, a, b) => [present_when(a), present_when(b)].concat(),
        Kind::Not(inner) => present_unless(inner),
        _ => Vec::new(),
    }
}

/// Returns the slots that are there when a condition is false.
pub fn present_unless(condition: &Expr) -> Vec<Slot> {
    match &condition.kind {
        Kind::Binary(BinaryOp::Eq, a, b) => none_and_slot(a, b),
        Kind::Binary(BinaryOp::Or, a, b) => [present_unless(a), present_unless(b)].concat(),
        Kind::Not(inner) => present_when(inner),
        _ => Vec::new(),
    }
}

fn none_and_slot(a: &Expr, b: &Expr) -> Vec<Slot> {
    match (&a.kind, &b.kind) {
        (Kind::Slot(slot), Kind::Const(Value::None)) | (Kind::Const(Value::None), Kind::Slot(slot)) => vec![*slot],
        _ => Vec::new(),
    }
}

/// A scope in which some slots have been shown to be there.
struct Narrowed<'a> {
    inner: &'a mut dyn Scope,
    present: Vec<Slot>,
}

impl Scope for Narrowed<'_> {
    fn find(&mut self, name: &str) -> Option<Found> {
        let mut found = self.inner.find(name)?;
        if matches!(&found.kind, Kind::Slot(slot) if self.present.contains(slot)) {
            found.ty = found.ty.required().clone();
        }
        Some(found)
    }
    fn names(&self) -> Vec<(Name, Ty)> {
        self.inner.names()
    }
    fn template(&mut self, path: &str) -> Option<std::sync::Arc<dyn Template>> {
        self.inner.template(path)
    }
    fn templates(&self) -> Vec<String> {
        self.inner.templates()
    }
    fn fields(&self, ty: &Ty) -> Vec<Field> {
        self.inner.fields(ty)
    }
    fn is_trusting(&self) -> bool {
        self.inner.is_trusting()
    }

    fn learn(&self, fact: Fact<'_>) {
        self.inner.learn(fact);
    }
}

/// Returns the case of a wanted type that `pick` takes: the type itself, what is inside `?`, or a case of a union.
pub(super) fn case_of<T>(want: Option<&Ty>, pick: impl Fn(&Ty) -> Option<T>) -> Option<T> {
    match want?.required() {
        Ty::Union(cases) => cases.iter().find_map(pick),
        other => pick(other),
    }
}

/// How many comparisons of a chain one is held against.
const MOST_HELD: usize = 16;

impl Lowering<'_> {
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.out.push(diagnostic);
    }

    /// Checks an expression against the type that its place wants.
    pub(super) fn expr(&mut self, expr: &ast::Expr, want: Option<&Ty>) -> Expr {
        let it = self.free(expr, want);
        self.fit(it, want)
    }

    /// Checks an expression by itself; `want` only tells how its parts are meant.
    pub(super) fn free(&mut self, expr: &ast::Expr, want: Option<&Ty>) -> Expr {
        let made = self.made(expr, want);
        self.scope.learn(Fact::Typed(expr, want, &made.ty));
        made
    }

    fn made(&mut self, expr: &ast::Expr, want: Option<&Ty>) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal { value, .. } => constant(value.clone(), span),
            ExprKind::Text(text) => constant(Value::Text(text.clone()), span),
            ExprKind::Ref(name) => self.name(name, want),
            ExprKind::Field(base, name) => self.field(expr, base, name),
            ExprKind::Index(base, at) => self.index(base, at, span),
            ExprKind::Call { callee, args, args_span } => self.call(callee, args, *args_span, span),
            ExprKind::List(items) => self.list(items, span, want),
            ExprKind::Record(fields) => self.record(fields, span, want),
            ExprKind::Unary(op, inner) => self.unary(*op, inner, span, want),
            ExprKind::Binary { .. } => self.binary(expr, want),
            ExprKind::Paren(inner) => Expr { span, ..self.free(inner, want) },
            ExprKind::Bad => unknown(span),
        }
    }

    /// Computes what is known before the run; reports what cannot be computed.
    pub(super) fn folded(&mut self, expr: Expr) -> Expr {
        let known = match &expr.kind {
            Kind::Field(base, _) | Kind::Not(base) | Kind::Neg(base) | Kind::Convert(base) => is_const(base),
            Kind::Index(a, b) | Kind::Binary(_, a, b) => is_const(a) && is_const(b),
            Kind::Range(a, b, by) => is_const(a) && is_const(b) && by.as_ref().is_none_or(|it| is_const(it)),
            Kind::List(items) => items.iter().all(is_const),
            Kind::Record(parts) => parts.iter().all(|(Part::Field(_, it) | Part::Spread(it))| is_const(it)),
            Kind::Builtin(builtin, args) => builtin.folds && args.iter().all(is_const),
            _ => false,
        };
        if !known {
            return expr;
        }
        match eval(&expr, &super::NoEnv) {
            Ok(value) => Expr { kind: Kind::Const(value), ..expr },
            Err(fault) => {
                self.cannot_compute(&expr, &fault);
                unknown(expr.span)
            }
        }
    }

    fn cannot_compute(&mut self, expr: &Expr, fault: &Fault) {
        let dates = matches!(expr.ty, Ty::Date | Ty::DateTime | Ty::DateRange | Ty::Range(_));
        let code = if dates { Code::T015 } else { Code::T007 };
        let mut diagnostic = Diagnostic::new(code, expr.span, fault.message.clone());
        if let Kind::Range(low, high, None) = &expr.kind
            && let (Some(low), Some(high)) = (const_of(low), const_of(high))
            && apply::compare(low, high).is_some_and(std::cmp::Ordering::is_gt)
        {
            diagnostic = diagnostic.fix("swap the ends", expr.span, format!("{high}..{low}"));
        }
        self.report(diagnostic);
    }

    fn index(&mut self, base: &ast::Expr, at: &ast::Expr, span: Span) -> Expr {
        let base = self.free(base, None);
        let at = self.expr(at, Some(&Ty::Int));
        let ty = match self.there(&base) {
            Ty::List(item) => (*item).clone(),
            Ty::Unknown | Ty::Any => Ty::Unknown,
            Ty::Stream(_) => {
                self.stream_for_list(base.span);
                Ty::Unknown
            }
            other => {
                let message = format!("only a list has numbered items, this is {}", in_words(&other));
                self.report(Diagnostic::new(Code::T001, base.span, message));
                Ty::Unknown
            }
        };
        if let Some(Value::Int(it)) = const_of(&at)
            && *it < 0
        {
            self.report(Diagnostic::new(
                Code::T007,
                at.span,
                format!("the items of a list are numbered from 0, {it} is none"),
            ));
            return unknown(span);
        }
        self.folded(Expr { kind: Kind::Index(base.into(), at.into()), ty, span })
    }

    fn list(&mut self, items: &[ast::Expr], span: Span, want: Option<&Ty>) -> Expr {
        let wanted = case_of(want, |it| if let Ty::List(item) = it { Some(item.clone()) } else { None });
        let mut joined: Option<Ty> = None;
        let mut checked: Vec<Expr> = Vec::with_capacity(items.len());
        for item in items {
            let item = self.expr(item, wanted.as_deref());
            joined = Some(match joined {
                None => item.ty.clone(),
                Some(ty) => match ty.join(&item.ty) {
                    Some(ty) => ty,
                    // Each fits what is wanted, so the list does, though the items have no type of their own in common.
                    None if wanted.is_some() => wanted.as_deref().cloned().unwrap_or(Ty::Unknown),
                    None => {
                        let message = format!(
                            "a list has items of one type, this is {} among {}",
                            in_words(&item.ty),
                            in_words(&ty)
                        );
                        let first = checked.first().map_or(span, |it| it.span);
                        self.report(
                            Diagnostic::new(Code::T001, item.span, message)
                                .label(first, format!("this is {}", in_words(&ty))),
                        );
                        Ty::Unknown
                    }
                },
            });
            checked.push(item);
        }
        let item = joined.or_else(|| wanted.as_deref().cloned()).unwrap_or(Ty::Unknown);
        let ty = if item == Ty::Unknown && !items.is_empty() { Ty::Unknown } else { item.list() };
        self.folded(Expr { kind: Kind::List(checked), ty, span })
    }

    fn record(&mut self, fields: &[ast::Arg], span: Span, want: Option<&Ty>) -> Expr {
        let wanted = case_of(want, |it| if let Ty::Record(fields) = it { Some(fields.clone()) } else { None });
        let (parts, mut ty) = self.parts(fields, wanted.as_deref());
        if let (Some(wanted), Ty::Record(given)) = (&wanted, &ty) {
            let before = self.out.len();
            self.check_fields(fields, given, wanted, span);
            // What is wrong with its fields has been said.
            if self.out.len() > before {
                ty = Ty::Unknown;
            }
        }
        self.folded(Expr { kind: Kind::Record(parts), ty, span })
    }

    /// Checks the fields of a record; the type is `Unknown` where a spread hides them.
    fn parts(&mut self, fields: &[ast::Arg], wanted: Option<&[Field]>) -> (Vec<Part>, Ty) {
        let mut parts = Vec::with_capacity(fields.len());
        let mut given: Vec<Field> = Vec::with_capacity(fields.len());
        let mut hidden = false;
        let put = |given: &mut Vec<Field>, field: Field| match given.iter_mut().find(|it| it.name == field.name) {
            Some(old) => *old = field,
            None => given.push(field),
        };
        let want_of = |name: &str| wanted.and_then(|it| it.iter().find(|it| &*it.name == name)).map(|it| it.ty.clone());
        let mut named: Vec<&ast::Name> = Vec::new();
        for field in fields {
            match &field.kind {
                ArgKind::Named(name, value) => {
                    if let Some(first) = named.iter().find(|it| it.text == name.text) {
                        self.report(twice(name, first));
                    }
                    named.push(name);
                    let value = self.expr(value, want_of(&name.text).as_ref());
                    let field = Field { name: name.text.clone(), ty: value.ty.clone(), default: None, doc: "".into() };
                    put(&mut given, field);
                    parts.push(Part::Field(name.text.clone(), value));
                }
                ArgKind::Positional(value) => {
                    let value = self.free(value, None);
                    self.report(Diagnostic::new(Code::T016, value.span, "the fields of a record need names"));
                    hidden = true;
                }
                ArgKind::Spread(value) => {
                    let value = self.free(value, None);
                    match self.spread(&value) {
                        Some(fields) => fields.iter().for_each(|it| put(&mut given, it.clone())),
                        None => hidden = true,
                    }
                    parts.push(Part::Spread(value));
                }
            }
        }
        (parts, if hidden { Ty::Unknown } else { Ty::Record(given.into()) })
    }

    /// Returns the fields of what is spread; nothing where they are not known.
    pub(super) fn spread(&mut self, value: &Expr) -> Option<Vec<Field>> {
        match self.there(value) {
            Ty::Record(fields) => Some(fields.to_vec()),
            Ty::Unknown | Ty::Any => None,
            other => {
                let message = format!("only a record can be spread, this is {}", in_words(&other));
                self.report(Diagnostic::new(Code::T001, value.span, message));
                None
            }
        }
    }

    fn check_fields(&mut self, written: &[ast::Arg], given: &[Field], wanted: &[Field], span: Span) {
        for arg in written {
            let ArgKind::Named(name, _) = &arg.kind else { continue };
            if wanted.is_empty() || wanted.iter().any(|it| it.name == name.text) {
                continue;
            }
            let mut diagnostic =
                Diagnostic::new(Code::N004, name.span, format!("there is no field `{}` here", name.text));
            let open = wanted.iter().filter(|it| !given.iter().any(|given| given.name == it.name));
            if let Some(like) = nearest(&name.text, open.map(|it| &*it.name)) {
                diagnostic = diagnostic.fix("a field with a similar name exists", name.span, like);
            }
            self.report(diagnostic.note(format!("the fields are: {}", list_names(wanted))));
            return;
        }
        for field in wanted {
            if !field.is_optional() && !given.iter().any(|it| it.name == field.name) {
                let message = format!("`{}` is required in this record", field.name);
                self.report(Diagnostic::new(Code::N005, span, message).note(format!("the field is `{field}`")));
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, inner: &ast::Expr, span: Span, want: Option<&Ty>) -> Expr {
        if op == UnaryOp::Not {
            let inner = self.expr(inner, Some(&Ty::Bool));
            return self.folded(Expr { kind: Kind::Not(inner.into()), ty: Ty::Bool, span });
        }
        let inner = self.free(inner, want);
        let ty = self.there(&inner);
        if ops::is_number(&ty) || ops::is_open(&ty) || (ops::is_unit(&ty) && ty != Ty::BarCount) {
            return self.folded(Expr { kind: Kind::Neg(inner.into()), ty, span });
        }
        self.report(Diagnostic::new(Code::T003, span, format!("{} has no negative", in_words(&ty))));
        unknown(span)
    }

    /// Long chains lean to the left; they are walked, not recursed into.
    fn binary(&mut self, expr: &ast::Expr, want: Option<&Ty>) -> Expr {
        if let ExprKind::Binary { op: BinaryOp::Range | BinaryOp::By, .. } = &expr.kind {
            return self.range(expr, want);
        }
        let mut chain = Vec::new();
        let mut first = expr;
        while let ExprKind::Binary { op, op_span, left, right } = &first.kind {
            if matches!(op, BinaryOp::Range | BinaryOp::By) {
                break;
            }
            chain.push((*op, *op_span, right));
            first = left;
        }
        let mut value = self.free(first, None);
        while let Some((op, op_span, right)) = chain.pop() {
            value = self.combine(op, op_span, value, right);
        }
        value
    }

    fn range(&mut self, expr: &ast::Expr, want: Option<&Ty>) -> Expr {
        let end = case_of(want, |it| match it {
            Ty::Range(end) => Some((**end).clone()),
            Ty::DateRange => Some(Ty::Date),
            _ => None,
        });
        let end = end.as_ref();
        let (range, by) = match &expr.kind {
            ExprKind::Binary { op: BinaryOp::By, left, right, .. } => (&**left, Some(right)),
            _ => (expr, None),
        };
        let range = if let ExprKind::Paren(inner) = &range.kind { inner } else { range };
        let ExprKind::Binary { op: BinaryOp::Range, op_span, left, right } = &range.kind else {
            let of = self.free(range, want);
            if of.ty != Ty::Unknown {
                self.report(Diagnostic::new(Code::T001, of.span, "`by` follows a range, as in `5..50 by 5`"));
            }
            return unknown(expr.span);
        };
        let (low, high) = (self.expr(left, end), self.expr(right, end));
        let (a, b) = (self.there(&low), self.there(&high));
        let ty = match ops::binary(BinaryOp::Range, &a, &b) {
            Ok(ty) => ty,
            Err(clash) => return self.clash(BinaryOp::Range, *op_span, clash, &low, &high, expr.span),
        };
        if low.ty == Ty::Unknown || high.ty == Ty::Unknown {
            return unknown(expr.span);
        }
        let by = by.map(|it| self.expr(it, end));
        if let Some(by) = &by
            && let Err(clash) = ops::binary(BinaryOp::By, &ty, &by.ty)
        {
            return self.clash(BinaryOp::By, *op_span, clash, &low, by, expr.span);
        }
        // A step in tenths makes a range of whole numbers one of decimals.
        let ty = match (&ty, &by) {
            (Ty::Range(end), Some(by)) => Ty::Range(end.join(&by.ty).unwrap_or(Ty::Unknown).into()),
            _ => ty,
        };
        self.folded(Expr { kind: Kind::Range(low.into(), high.into(), by.map(Box::new)), ty, span: expr.span })
    }

    fn combine(&mut self, op: BinaryOp, op_span: Span, left: Expr, right: &ast::Expr) -> Expr {
        let span = left.span.to(right.span);
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let left = self.fit(left, Some(&Ty::Bool));
                let present = if op == BinaryOp::And { present_when(&left) } else { present_unless(&left) };
                let mut scope = Narrowed { inner: self.scope, present };
                let right =
                    Lowering { scope: &mut scope, out: self.out, names: self.names }.expr(right, Some(&Ty::Bool));
                self.told_apart(op, op_span, &left, &right);
                self.folded(Expr { kind: Kind::Binary(op, left.into(), right.into()), ty: Ty::Bool, span })
            }
            BinaryOp::Eq | BinaryOp::Ne => self.equality(op, left, right, span),
            _ => {
                let right = match (&left.ty, op) {
                    (Ty::Symbol | Ty::Path | Ty::Members(_), BinaryOp::In) => {
                        self.free(right, Some(&left.ty.clone().list()))
                    }
                    _ => self.free(right, None),
                };
                self.arithmetic(op, op_span, left, right, span)
            }
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, op_span: Span, left: Expr, right: Expr, span: Span) -> Expr {
        let (a, b) = (self.there(&left), self.there(&right));
        match ops::binary(op, &a, &b) {
            Ok(ty) => {
                // Text beside a list of symbols is a symbol.
                let left = match &b {
                    Ty::List(item) if op == BinaryOp::In && a == Ty::Text => self.fit(left, Some(item)),
                    _ => left,
                };
                self.folded(Expr { kind: Kind::Binary(op, left.into(), right.into()), ty, span })
            }
            Err(clash) => self.clash(op, op_span, clash, &left, &right, span),
        }
    }

    fn equality(&mut self, op: BinaryOp, left: Expr, right: &ast::Expr, span: Span) -> Expr {
        let special = |ty: &Ty| matches!(ty.required(), Ty::Symbol | Ty::Path | Ty::Members(_));
        let is_text = |it: &Expr| matches!(const_of(it), Some(Value::Text(_))) && it.ty == Ty::Text;
        // In a list beside a list of symbols, texts are symbols.
        let want = matches!(&left.ty, Ty::List(item) if special(item)).then(|| left.ty.clone());
        let (mut left, mut right) = (left, self.free(right, want.as_ref()));
        if special(&left.ty) && is_text(&right) {
            right = self.fit(right, Some(&left.ty.clone()));
        } else if special(&right.ty) && is_text(&left) {
            left = self.fit(left, Some(&right.ty.clone()));
        }
        let (a, b) = (left.ty.required().clone(), right.ty.required().clone());
        let with_none = a == Ty::None || b == Ty::None;
        let there = |ty: &Ty| !ops::is_open(ty) && !ty.takes_none();
        if let Some(it) = [&left, &right].into_iter().find(|it| with_none && there(&it.ty))
            && !self.scope.is_trusting()
        {
            let always = if op == BinaryOp::Eq { "false" } else { "true" };
            let what = self.written(it).map_or_else(|| in_words(&it.ty), |it| format!("`{it}`"));
            let message = format!("this is always {always}: {what} is never none");
            self.report(Diagnostic::new(Code::T013, span, message));
            return Expr { kind: Kind::Const(Value::Bool(op == BinaryOp::Ne)), ty: Ty::Bool, span };
        }
        if !with_none && let Err(clash) = ops::binary(op, &a, &b) {
            if self.number_beside_unit(op, &left, &right) || self.text_beside_literal(&left, &right) {
                return Expr { ty: Ty::Bool, ..unknown(span) };
            }
            if let Clash::Currencies(..) = clash {
                return self.clash(op, span, clash, &left, &right, span);
            }
            let always = if op == BinaryOp::Eq { "false" } else { "true" };
            let message = format!("this is always {always}: {} is never {}", in_words(&a), in_words(&b));
            self.report(Diagnostic::new(Code::T013, span, message));
            return Expr { kind: Kind::Const(Value::Bool(op == BinaryOp::Ne)), ty: Ty::Bool, span };
        }
        self.folded(Expr { kind: Kind::Binary(op, left.into(), right.into()), ty: Ty::Bool, span })
    }

    /// Reports `x != a or x != b`, which is always true, and `x == a and x == b`, which never is.
    fn told_apart(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr) {
        let (each, always, other) = match op {
            BinaryOp::Or => (BinaryOp::Ne, "true", "and"),
            _ => (BinaryOp::Eq, "false", "or"),
        };
        let held = |it: &Expr| match &it.kind {
            Kind::Binary(own, place, value) if *own == each => Some((self.written(place)?, const_of(value)?.clone())),
            _ => None,
        };
        let Some((place, value)) = held(right) else { return };
        let (mut chain, mut at) = (Vec::new(), left);
        while let (Kind::Binary(own, before, last), true) = (&at.kind, chain.len() < MOST_HELD)
            && *own == op
        {
            chain.push(&**last);
            at = before;
        }
        chain.push(at);
        let mut others = chain.into_iter().filter_map(held);
        let Some((_, other_value)) = others.find(|(it, other)| *it == place && *other != value) else { return };
        let message = format!("this is always {always}: `{place}` is never both {other_value} and {value}");
        let found = Diagnostic::new(Code::T013, left.span.to(right.span), message);
        self.report(found.fix(format!("join the two with `{other}`"), op_span, other));
    }

    /// Reports two operands that do not go together.
    fn clash(&mut self, op: BinaryOp, op_span: Span, clash: Clash, left: &Expr, right: &Expr, span: Span) -> Expr {
        let verb = match op {
            BinaryOp::Add => "add",
            BinaryOp::Sub => "subtract",
            BinaryOp::Mul => "multiply",
            BinaryOp::Div => "divide",
            BinaryOp::Of => "take a share of",
            BinaryOp::Range | BinaryOp::By => "make a range of",
            BinaryOp::In => "look for",
            _ => "compare",
        };
        let (a, b) = (in_words(&left.ty), in_words(&right.ty));
        let message = match (clash, op) {
            (Clash::Currencies(a, b), _) => format!("cannot {verb} {a} and {b}"),
            _ if self.number_beside_unit(op, left, right) || self.text_beside_literal(left, right) => {
                return unknown(span);
            }
            (_, BinaryOp::Of) if left.ty.required() != &Ty::Percent => {
                format!("`of` takes a percent on its left, this is {a}")
            }
            (_, BinaryOp::Of) => format!("cannot take a percent of {b}"),
            (_, BinaryOp::In) => format!("cannot look for {a} in {b}"),
            _ if a == b => format!("{a} cannot be {}", past(op)),
            _ => format!("cannot {verb} {a} and {b}"),
        };
        let mut diagnostic = Diagnostic::new(Code::T003, op_span, message)
            .label(left.span, format!("this is {a}"))
            .label(right.span, format!("this is {b}"));
        let percent_of = [(left, right), (right, left)];
        if matches!(op, BinaryOp::Add | BinaryOp::Sub)
            && let Some((share, _)) = percent_of
                .iter()
                .find(|(a, b)| a.ty == Ty::Percent && (matches!(b.ty, Ty::Money(_)) || ops::is_number(&b.ty)))
        {
            diagnostic = diagnostic.fix("say what it is a percent of", share.span.after(), " of …");
            diagnostic.fixes.iter_mut().for_each(|it| it.edits.clear());
        }
        self.report(diagnostic);
        unknown(span)
    }
}

/// Returns what has been done to operands, for a message.
fn past(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "added",
        BinaryOp::Sub => "subtracted",
        BinaryOp::Mul => "multiplied",
        BinaryOp::Div => "divided",
        BinaryOp::Range | BinaryOp::By => "the ends of a range",
        _ => "put in order",
    }
}

/// How many names are listed at most.
const MOST_NAMES: usize = 24;

pub(super) fn list_names(fields: &[Field]) -> String {
    let names = fields.iter().map(|it| it.name.to_string()).take(MOST_NAMES).collect::<Vec<_>>().join(", ");
    let left = fields.len().saturating_sub(MOST_NAMES);
    if left == 0 { names } else { format!("{names} and {left} more") }
}

pub(super) fn twice(name: &ast::Name, first: &ast::Name) -> Diagnostic {
    Diagnostic::new(Code::S008, name.span, format!("`{}` is given twice", name.text)).label(first.span, "first here")
}
